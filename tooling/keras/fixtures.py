"""Writes the fixtures of packages/io and packages/layers. Made with Keras 3.15.1 (jax 0.10.2), h5py 3.16.0, numpy 2.4.6:

python -m venv VENV && VENV/bin/pip install keras jax h5py
KERAS_BACKEND=jax VENV/bin/python tooling/keras/fixtures.py
"""

import json
import pathlib
import tempfile
import zipfile

import h5py
import numpy as np

from models import MODELS, inputs_of, random_weights

PACKAGES = pathlib.Path(__file__).resolve().parents[2] / "packages"
IO = PACKAGES / "io" / "src"
LAYERS = PACKAGES / "layers" / "src" / "keras" / "fixtures"


def flat(array):
    return {"shape": list(array.shape), "data": [float(value) for value in np.asarray(array).ravel()]}


def weights_in(file):
    found = {}

    def visit(path, node):
        if isinstance(node, h5py.Dataset) and not path.startswith("optimizer"):
            found[path] = flat(node[()])

    file.visititems(visit)
    return found


def layer_weights(file):
    group = file["model_weights"]
    layers = []
    for name in group.attrs["layer_names"]:
        paths = group[name].attrs["weight_names"]
        layers.append({"name": name, "weights": [{"name": str(path), **flat(group[name][path][()])} for path in paths]})
    return layers


def keras_fixtures():
    import keras

    (IO / "keras" / "fixtures").mkdir(parents=True, exist_ok=True)
    LAYERS.mkdir(parents=True, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp())
    for name, make in MODELS.items():
        keras.utils.set_random_seed(1)
        keras.backend.clear_session()
        rng = np.random.default_rng(1)
        model = make()
        random_weights(model, rng)
        x = inputs_of(model, rng)
        y = model.predict(x if len(x) > 1 else x[0], verbose=0)
        y = y if isinstance(y, list) else [y]
        folder = IO / "keras" / "fixtures" if name == "pictures" else scratch
        if name == "pictures":
            model.compile(optimizer="adam", loss="mse")
            model.fit(x[0], np.zeros_like(y[0]), verbose=0)  # so that there is a state of the optimiser
            y = [model.predict(x[0], verbose=0)]
            model.save_weights(folder / f"{name}.weights.h5")
        model.save(folder / f"{name}.keras")
        model.save(folder / f"{name}.h5")
        archive = zipfile.ZipFile(folder / f"{name}.keras")
        archive.extract("model.weights.h5", scratch)
        with h5py.File(scratch / "model.weights.h5") as weights, h5py.File(folder / f"{name}.h5") as legacy:
            fixture = {
                "config": json.loads(archive.read("config.json")),
                "weights": weights_in(weights),
                "legacyConfig": json.loads(legacy.attrs["model_config"]),
                "layers": layer_weights(legacy),
                "x": [flat(one) for one in x],
                "y": [flat(one) for one in y],
            }
        fixture["config"].pop("compile_config", None)
        (LAYERS / f"{name}.json").write_text(json.dumps(fixture) + "\n")


def hdf5_fixtures():
    folder = IO / "hdf5" / "fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    numbers = np.arange(35, dtype="f4").reshape(5, 7)
    with h5py.File(folder / "earliest.h5", "w") as file:
        file["contiguous"] = numbers
        file.create_dataset("gzip", data=numbers, chunks=(2, 3), compression="gzip", shuffle=True)
        file.create_dataset("chunked", data=np.arange(60, dtype="i2").reshape(3, 4, 5), chunks=(2, 3, 2))
        file.create_dataset("sparse", shape=(4, 4), dtype="f8", chunks=(2, 2), fillvalue=2.5)
        file["sparse"][0, 0] = 1
        file.create_dataset("unwritten", shape=(3,), dtype="i4", fillvalue=7)
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((3,))
        h5py.h5d.create(file.id, b"compact", h5py.h5t.STD_U8LE, space, compact).write(
            h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 2, 255], "u1")
        )
        for kind in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f4", ">i8", ">u2"]:
            file[f"types/{kind.replace('>', 'big-')}"] = np.array([1, 0, 3], kind)
        file["types/bool"] = np.array([True, False])
        file["types/fixed"] = np.array([b"ab", b"c"], "S3")
        file["types/text"] = np.array(["h\u00e9", "", "\U0001f600"], object)
        file["scalar"] = 2.5
        file["empty"] = np.zeros((0, 3), "f4")
        for i in range(40):
            file[f"many/{i}"] = i
        file.attrs["text"] = "h\u00e9llo"
        file.attrs["fixed"] = np.bytes_(b"bytes")
        file.attrs["list"] = ["a", "bb"]
        file.attrs["numbers"] = np.array([[1.5, 2], [3, 4]])
        file.attrs["pair"] = np.array([(1, 2.0)], [("a", "i4"), ("b", "f4")])  # of a type that is left out
        file["twice"] = file["contiguous"]
    with h5py.File(folder / "latest.h5", "w", libver="latest") as file:
        file.create_group("group")["values"] = numbers
        file["group"].attrs["text"] = "late"
        file["scalar"] = np.int64(-3)
    with h5py.File(folder / "soft-link.h5", "w") as file:
        file["values"] = numbers
        file["link"] = h5py.SoftLink("/values")
    with h5py.File(folder / "cycle.h5", "w") as file:
        inner = file.create_group("a/b")
        inner["back"] = file["a"]


hdf5_fixtures()
keras_fixtures()
