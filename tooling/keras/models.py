"""Models of Keras that the fixtures and the check share: between them, every layer that goes both ways."""

import keras
from keras import layers


def pictures():
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(3, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(2, 3, strides=2, padding="same"),
            layers.LayerNormalization(),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(6, activation="silu"),
            layers.Reshape((2, 3)),
            layers.Activation("softmax"),
        ],
        name="pictures",
    )


def texts():
    """Masked words and a second input to two outputs; both resets of the GRU."""
    words = keras.Input((5,), dtype="int32", name="words")
    more = keras.Input((3,), name="more")
    h = layers.Embedding(11, 4, mask_zero=True)(words)
    h = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(h)
    h = layers.GRU(3, reset_after=False, return_sequences=True)(h)
    h = layers.GRU(3)(h)
    h = layers.Concatenate()([h, more])
    first = layers.Dense(2, name="first")(h)
    second = layers.Dense(2, use_bias=False)(more)
    second = layers.Dense(2, activation="gelu", name="second")(layers.Add()([first, second]))
    return keras.Model([words, more], [first, second], name="texts")


def nested():
    """A model in a model, a layer called twice, states that go from one net to the next, a run backwards."""
    inner = keras.Sequential([keras.Input((4, 3)), layers.LSTM(3, return_sequences=True, go_backwards=True)], name="inner")
    x = keras.Input((4, 3), name="x")
    y, h, c = layers.LSTM(3, return_sequences=True, return_state=True, use_bias=False)(inner(x))
    z = layers.LSTM(3)(y, initial_state=[h, c])
    shared = layers.Dense(3, activation="tanh", name="shared")
    out = layers.Average()([shared(z), shared(c)])
    return keras.Model(x, layers.Dense(2)(out), name="nested")


MODELS = {"pictures": pictures, "texts": texts, "nested": nested}


def inputs_of(model, rng):
    """A batch of two: words 0 (padding) to 10, numbers from a normal distribution."""
    import numpy as np

    def batch(tensor):
        shape = (2, *tensor.shape[1:])
        if tensor.dtype == "int32":
            words = rng.integers(1, 11, shape).astype("int32")
            words[1, 3:] = 0
            return words
        return rng.standard_normal(shape).astype("float32")

    return [batch(tensor) for tensor in model.inputs]


def random_weights(model, rng):
    """Weights that no initialiser makes, positive where they are variances."""
    for weight in model.weights:
        if weight.dtype != "float32":
            continue
        value = rng.uniform(-0.5, 0.5, weight.shape).astype("float32")
        weight.assign(abs(value) + 0.5 if "variance" in weight.name else value)
