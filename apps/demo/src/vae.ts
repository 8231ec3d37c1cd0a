import './style.css';
import { connect } from './demos/vae/view.ts';

connect(document, new Worker(new URL('./demos/vae/worker.ts', import.meta.url), { type: 'module' }));
