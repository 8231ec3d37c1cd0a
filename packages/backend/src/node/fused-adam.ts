import type * as tf from '@tensorflow/tfjs-core';
import { type AdamAllAttrs, type AdamAllSlot, adamAllSlots, adamRates } from '../fused/adam-all.ts';
import type { Kernel } from '../kernels/mended.ts';
import { bool, float, type Handle, inFront, type Metadata, type NativeBackend } from './fused-native.ts';

/** `ProjAdamAll` by TensorFlow's `ResourceApplyAdam`, one pass a weight, in place where no clone shares the data. */
export function registerNativeAdam(): void {
  inFront('ProjAdamAll', adamAll);
}

function adamAll({ inputs, attrs, backend }: Kernel): tf.TensorInfo[] {
  const native = backend as NativeBackend;
  const adam = attrs as unknown as AdamAllAttrs;
  const slots = adamAllSlots(inputs as Record<string, tf.TensorInfo>, adam);
  const norm = adam.clipNorm > 0 ? globalNorm(native, slots, adam.gradientScale) : undefined;
  if (norm !== undefined && !Number.isFinite(norm)) {
    const old = slots.flatMap(({ weight, m, v }) => [weight, m, v]);
    for (const { dataId } of old) native.incRef(dataId);
    return [...old.map(({ dataId, shape, dtype }) => ({ dataId, shape, dtype })), scalar(native, norm)];
  }
  const clip = norm === undefined || norm <= adam.clipNorm ? 1 : adam.clipNorm / norm;
  const step = new Step(native, adam, adam.gradientScale * clip, inputs as Record<string, tf.TensorInfo>);
  try {
    const outputs = slots.flatMap((slot, i) => step.apply(slot, adam.learningRate * adam.weightDecay[i]!));
    return norm === undefined ? outputs : [...outputs, scalar(native, norm)];
  } catch (error) {
    step.giveBack();
    throw error;
  } finally {
    step.end();
  }
}

/** Data that TensorFlow made here. What a program gave may be its own array still, which no step may write to. */
const made = new WeakSet<object>();

/** Length of all gradients together, times the scale, rounded to float32. */
function globalNorm(native: NativeBackend, slots: readonly AdamAllSlot<tf.TensorInfo>[], scale: number): number {
  const { binding } = native;
  let halves = 0;
  for (const { gradient } of slots) {
    const [half] = binding.executeOp('L2Loss', [float(native, 'T')], native.getInputTensorIds([gradient]), 1);
    halves += binding.tensorDataSync(half!.id)[0]!;
    binding.deleteTensor(half!.id);
  }
  return Math.fround(Math.abs(scale) * Math.sqrt(2 * halves));
}

function scalar(native: NativeBackend, value: number): tf.TensorInfo {
  return { dataId: native.write(Float32Array.of(value), [], 'float32'), shape: [], dtype: 'float32' };
}

/**
 * 1 - beta^t with the float32 that stands for beta, t found from the exact one. TensorFlow takes 1 - beta from that float32:
 * for 0.999 it is 1.3e-5 off, and with it v; corrected alike, the step is right all the same.
 */
function withFloat(beta: number, correction: number): number {
  if (!(beta > 0 && correction < 1)) return correction;
  return 1 - Math.fround(beta) ** (Math.log1p(-correction) / Math.log(beta));
}

/**
 * Lends weight after weight to three variables of TensorFlow's. A variable whose numbers nobody else holds is updated in
 * place, so tfjs's hold on what is spent is given up first.
 */
class Step {
  private readonly variables: Handle[];
  private readonly numbers: Handle[];
  private readonly scale: Handle | undefined;
  /** How many inputs each data has: a gradient may be a weight too. */
  private readonly places = new Map<object, number>();
  /** Data without their numbers, and how to have them back. */
  private readonly spent = new Map<object, () => Handle>();
  private readonly updated: tf.Tensor[] = [];

  constructor(
    private readonly native: NativeBackend,
    attrs: AdamAllAttrs,
    scale: number,
    inputs: Record<string, tf.TensorInfo>,
  ) {
    const correction1 = withFloat(attrs.beta1, attrs.correction1);
    const correction2 = withFloat(attrs.beta2, attrs.correction2);
    const { stepSize, epsilon } = adamRates({ ...attrs, correction1, correction2 });
    // The powers of beta1 and beta2 are in stepSize and epsilon already.
    this.numbers = [0, 0, stepSize, attrs.beta1, attrs.beta2, epsilon].map((value) => this.number(value));
    this.scale = scale === 1 ? undefined : this.number(scale);
    this.variables = ['weight', 'm', 'v'].map((name) => this.variable(`proj-adam-${name}`));
    for (const { dataId } of Object.values(inputs)) this.places.set(dataId, (this.places.get(dataId) ?? 0) + 1);
  }

  /** The new weight and moments. */
  apply({ weight, m, v, gradient }: AdamAllSlot<tf.TensorInfo>, decay: number): tf.TensorInfo[] {
    const { native, variables } = this;
    const [slope] = native.getInputTensorIds([gradient]) as [Handle];
    const scaled = this.scale === undefined ? slope : this.operation('Mul', [slope, this.scale]);
    for (const [i, info] of [weight, m, v].entries()) {
      this.lend(variables[i]!, info, i === 0 && decay !== 0 ? decay : undefined);
    }
    const attrs = [float(native, 'T'), bool(native, 'use_locking', false), bool(native, 'use_nesterov', false)];
    native.binding.executeOp('ResourceApplyAdam', attrs, [...variables, ...this.numbers, scaled], 0);
    if (scaled !== slope) native.binding.deleteTensor(scaled);
    return [weight, m, v].map(({ dataId }, i) => {
      const updated = native.createOutputTensor(this.read(variables[i]!));
      made.add(updated.dataId);
      this.updated.push(updated);
      if (this.spent.has(dataId)) this.spent.set(dataId, () => this.take(updated));
      return updated;
    });
  }

  /** After an error, such as memory that ran out: what was spent has numbers again, a step ahead where that was made. */
  giveBack(): void {
    for (const [dataId, numbers] of this.spent) this.native.tensorMap.get(dataId).id = numbers();
    for (const tensor of this.updated) tensor.dispose();
  }

  end(): void {
    const { binding } = this.native;
    for (const variable of this.variables) {
      binding.executeOp('DestroyResourceOp', [bool(this.native, 'ignore_lookup_error', true)], [variable], 0);
    }
    const own = [...this.variables, ...this.numbers, ...(this.scale === undefined ? [] : [this.scale])];
    for (const id of own) binding.deleteTensor(id);
  }

  private lend(variable: Handle, info: tf.TensorInfo, decay: number | undefined): void {
    const { native } = this;
    const [held] = native.getInputTensorIds([info]) as [Handle];
    const value = decay === undefined ? held : this.decayed(held, decay);
    native.binding.executeOp('AssignVariableOp', [float(native, 'dtype')], [variable, value], 0);
    const { dataId } = info;
    const spent = made.has(dataId) && native.refCount(dataId) === 1 && this.places.get(dataId) === 1;
    if (value !== held) native.binding.deleteTensor(value);
    if (!spent) return;
    native.binding.deleteTensor(held);
    native.tensorMap.get(dataId).id = -1; // tfjs deletes no such tensor
    this.spent.set(dataId, () => this.read(variable).id);
  }

  private read(variable: Handle): Metadata {
    return this.native.binding.executeOp('ReadVariableOp', [float(this.native, 'dtype')], [variable], 1)[0]!;
  }

  private take({ dataId }: tf.Tensor): Handle {
    const entry = this.native.tensorMap.get(dataId);
    const { id } = entry;
    entry.id = -1;
    return id;
  }

  /** w - decay w. The small part comes off by itself: 1 - decay has no room for a small decay in float32. */
  private decayed(weight: Handle, decay: number): Handle {
    const part = this.number(decay);
    const lost = this.operation('Mul', [weight, part]);
    const left = this.operation('Sub', [weight, lost]);
    for (const id of [part, lost]) this.native.binding.deleteTensor(id);
    return left;
  }

  private operation(name: string, inputs: Handle[]): Handle {
    return this.native.binding.executeOp(name, [float(this.native, 'T')], inputs, 1)[0]!.id;
  }

  private number(value: number): Handle {
    const { binding } = this.native;
    return binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
  }

  private variable(name: string): Handle {
    const { binding } = this.native;
    const { TF_ATTR_SHAPE, TF_ATTR_STRING } = binding;
    const attrs = [
      float(this.native, 'dtype'),
      { name: 'shape', type: TF_ATTR_SHAPE, value: [] }, // of any: what is assigned counts
      { name: 'container', type: TF_ATTR_STRING, value: '' },
      { name: 'shared_name', type: TF_ATTR_STRING, value: name },
    ];
    return binding.executeOp('VarHandleOp', attrs, [], 1)[0]!.id;
  }
}
