import './style.css';
import './demos/tokun/tokun.css';
import { connect } from './demos/tokun/view.ts';

connect(document, new Worker(new URL('./demos/tokun/worker.ts', import.meta.url), { type: 'module' }));
