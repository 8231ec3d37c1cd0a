"""What Keras, h5py, safetensors and TensorBoard make of our files, and files of Keras for us to read.

Called by src/check.long.test.ts: check.py FOLDER. For each NAME of FOLDER/names.json it reads NAME.keras, NAME.h5 and NAME.weights.h5,
and inputs and outputs in NAME.safetensors; then it gives the model other weights and writes back-NAME.* for us. FOLDER/report.json
has the largest differences, and what else was found.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py
import keras
import numpy as np
from safetensors.numpy import load_file, save_file

from models import random_weights

folder = pathlib.Path(sys.argv[1])


@keras.saving.register_keras_serializable(package="proj")
class RmsNorm(keras.layers.Layer):
    def __init__(self, epsilon=1e-6, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, shape):
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="gain")

    def call(self, x):
        return self.gain * x / keras.ops.sqrt(keras.ops.mean(x * x, -1, keepdims=True) + self.epsilon)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


def whole(shape):
    return tuple(-1 if size is None else size for size in shape)


@keras.saving.register_keras_serializable(package="proj")
class Merge(keras.layers.Layer):
    def __init__(self, left_axis, right_axis, left=True, **kwargs):
        super().__init__(**kwargs)
        self.options = {"left_axis": left_axis, "right_axis": right_axis, "left": left}

    def call(self, x):
        left, right = (self.options[key] % len(x.shape) for key in ("left_axis", "right_axis"))
        shape = list(x.shape)
        product = None if None in (shape[left], shape[right]) else shape[left] * shape[right]
        kept, dropped = (left, right) if self.options["left"] else (right, left)
        shape[kept] = product
        del shape[dropped]
        return keras.ops.reshape(x, whole(shape))

    def get_config(self):
        return {**super().get_config(), **self.options}


@keras.saving.register_keras_serializable(package="proj")
class Divide(keras.layers.Layer):
    def __init__(self, input_axis, output_axis, factor, insert=False, **kwargs):
        super().__init__(**kwargs)
        self.options = {"input_axis": input_axis, "output_axis": output_axis, "factor": factor, "insert": insert}

    def call(self, x):
        options = self.options
        shape = list(x.shape)
        if options["insert"]:
            shape.insert(options["output_axis"], 1)
        for axis, change in ((options["input_axis"], lambda n: n // options["factor"]), (options["output_axis"], lambda n: n * options["factor"])):
            shape[axis] = None if shape[axis] is None else change(shape[axis])
        return keras.ops.reshape(x, whole(shape))

    def get_config(self):
        return {**super().get_config(), **self.options}


@keras.saving.register_keras_serializable(package="proj")
class PositionalEmbedding(keras.layers.Layer):
    def __init__(self, max_length=None, initializer=None, **kwargs):
        super().__init__(**kwargs)
        self.max_length = max_length

    def build(self, shape):
        self.kernel = self.add_weight(shape=(self.max_length, shape[-1]), initializer="zeros", name="kernel")

    def call(self, x):
        return x + self.kernel

    def get_config(self):
        return {**super().get_config(), "max_length": self.max_length}


@keras.saving.register_keras_serializable(package="proj")
class DotAttention(keras.layers.Layer):
    def __init__(self, scale=None, causal=False, use_padding_mask=False, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, x):
        scale = x.shape[-1] ** -0.5 if self.scale is None else self.scale
        scores = keras.ops.matmul(scale * x, keras.ops.swapaxes(x, 1, 2))
        return keras.ops.matmul(keras.ops.softmax(scores), x)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


def predict(model, tensors):
    inputs = [tensors[f"x{i}"] for i in range(len(model.inputs))]
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    return outputs if isinstance(outputs, list) else [outputs]


def distance(model, tensors):
    return float(max(np.abs(y - tensors[f"y{i}"]).max() for i, y in enumerate(predict(model, tensors))))


report = {"versions": {"keras": keras.__version__, "h5py": h5py.__version__}, "models": {}}
for name in json.loads((folder / "names.json").read_text()):
    tensors = load_file(folder / f"{name}.safetensors")
    model = keras.models.load_model(folder / f"{name}.keras")
    found = {"keras": distance(model, tensors), "params": model.count_params()}
    found["h5"] = distance(keras.models.load_model(folder / f"{name}.h5"), tensors)
    random_weights(model, np.random.default_rng(5))
    found["other"] = distance(model, tensors)
    model.load_weights(folder / f"{name}.weights.h5")
    found["weights"] = distance(model, tensors)
    report["models"][name] = found

    random_weights(model, np.random.default_rng(6))
    model.save(folder / f"back-{name}.keras")
    model.save(folder / f"back-{name}.h5")
    back = {key: value for key, value in tensors.items() if key.startswith("x")}
    back.update({f"y{i}": np.ascontiguousarray(y) for i, y in enumerate(predict(model, tensors))})
    save_file(back, folder / f"back-{name}.safetensors", {"made": "there"})

try:
    from tensorboard.plugins.projector.projector_plugin import _read_tensor_tsv_file

    report["versions"]["tensorboard"] = __import__("tensorboard").__version__
except ImportError:
    from functools import partial

    _read_tensor_tsv_file = partial(np.loadtxt, delimiter="\t")
vectors = _read_tensor_tsv_file(str(folder / "tensors.tsv"))
labels = (folder / "metadata.tsv").read_bytes().decode().split("\n")
report["projector"] = {"shape": list(vectors.shape), "sum": float(vectors.sum()), "lines": [x for x in labels if x.strip()]}

with h5py.File(folder / "plain.h5") as file:
    report["hdf5"] = {
        "keys": sorted(file),
        "text": file.attrs["text"],
        "many": [int(file[f"many/{i}"][()]) for i in range(300)],
        "words": [word.decode() for word in file["words"][:]],
        "f8": file["f8"][:].tolist(),
    }
(folder / "report.json").write_text(json.dumps(report))
