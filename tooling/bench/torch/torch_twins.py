"""The workloads of this bench in PyTorch, one thread: the same work, the same variants, the same JSON lines.

usage: torch_twins.py [W1 W2 W3 W4 W5 W6 W7 W8 W9 W10 W11 micro optim]   (nothing: all)
Data come from PROJ_DATA_DIR where it is set, else random numbers of the same shapes and counts. Where PyTorch has several ways
to do the same thing (memory layouts, sparse and dense propagation) all are timed and the line tells of the fastest.
"""
import collections
import gzip
import json
import math
import os
import re
import statistics
import string
import sys
import time

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
FOLDER = os.environ.get("PROJ_DATA_DIR")


# ------------------------------------------------------------------ measuring
def timings(run):
    """Two warm-up runs or more, then at least five and two seconds; two of what takes over ten seconds."""
    slowest, begin = 0.0, time.perf_counter()
    for i in range(5):
        start = time.perf_counter()
        run()
        slowest = max(slowest, time.perf_counter() - start)
        if slowest > 10 or (i >= 1 and time.perf_counter() - begin > 1):
            break
    times = []
    while len(times) < (2 if slowest > 10 else 5) or (slowest <= 10 and sum(times) < 2):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return [1000 * t for t in times]


def report(workload, variant, ways, amount, unit, part=1):
    """`part`: how many times what is run goes into the unit of work."""
    times = [part * t for t in min((timings(run) for run in ways), key=min)]
    middle = statistics.median(times)
    line = {"workload": workload, "variant": variant, "engine": "torch", "ms": middle, "min": min(times),
            "runs": len(times), "rate": amount / (middle / 1000), "rateUnit": unit}
    print(json.dumps(line), flush=True)


def training_step(parameters, loss, rate):
    optimizer = torch.optim.Adam(parameters, lr=rate)

    def run():
        optimizer.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        optimizer.step()
        return value.item()

    return run


def in_turn(data, size):
    """Consecutive batches, the last followed by the first."""
    whole = len(data) // size
    at = -1

    def take():
        nonlocal at
        at = (at + 1) % whole
        return data[at * size:(at + 1) * size]

    return take


# ------------------------------------------------------------------ data
def images(path, count):
    """[count, 784] in [0, 1], from an idx file; 16 bytes of header."""
    path = FOLDER and os.path.join(FOLDER, path)
    if not path or not os.path.exists(path):
        return torch.rand(count, 784)
    with gzip.open(path) as file:
        pixels = np.frombuffer(file.read(), np.uint8, count * 784, offset=16)
    return torch.from_numpy(pixels.astype(np.float32) / 255).view(count, 784)


def levels16(count):
    """[count, 1, 16, 16] of 0 to 3: bilinear, half-pixel centres, no antialias; floor(byte / 64)."""
    bytes28 = (images("fashion-mnist/train-first8226-images-idx3-ubyte.gz", count) * 255).round().view(-1, 1, 28, 28)
    return F.interpolate(bytes28, size=16, mode="bilinear", align_corners=False).div(64).floor()


def citations(nodes=2708, words=1433, edges=4488, ones=49216):
    """Index pairs: undirected edges [E, 2] and (node, word) [ones, 2]."""
    path = FOLDER and os.path.join(FOLDER, "cora", "cora.planetoid.json.gz")
    random = np.random.default_rng(0)
    if path and os.path.exists(path):
        with gzip.open(path, "rt") as file:
            found = json.load(file)
        pairs = np.array(found["edges"])
        has = [(node, word) for node, row in enumerate(found["features"]) for word in row]
        return torch.from_numpy(random.permutation(pairs)[:edges]), torch.tensor(has)
    upper = np.stack(np.triu_indices(nodes, 1), 1)
    cells = random.choice(nodes * words, ones, replace=False)
    chosen = upper[random.choice(len(upper), edges, replace=False)]
    return torch.from_numpy(chosen), torch.from_numpy(np.stack(np.divmod(cells, words), 1))


def recipes(rows=640, length=201, vocabulary=10000):
    """Token rows: 0 pads, 1 is unknown, then words by falling frequency."""
    path = FOLDER and os.path.join(FOLDER, "recipes", "epicurious-recipes.json.gz")
    if not path or not os.path.exists(path):
        return (torch.rand(rows, length) * math.log(vocabulary - 1)).exp().long()
    with gzip.open(path, "rt", encoding="utf8") as file:
        found = [r for r in json.load(file) if r["title"] is not None and r["directions"] is not None]
    marks = re.compile(f"[{re.escape(string.punctuation)}]")
    texts = [marks.sub(r" \g<0> ", f"Recipe for {r['title']} | {' '.join(r['directions'])}".lower()).split() for r in found]
    counts = collections.Counter(word for text in texts for word in text)
    common = sorted(counts, key=lambda word: (counts[word], word), reverse=True)[:vocabulary - 2]
    index = {word: i + 2 for i, word in enumerate(common)}
    tokens = torch.zeros(rows, length, dtype=torch.long)
    for row, text in zip(tokens, texts):
        row[:len(text)] = torch.tensor([index.get(word, 1) for word in text[:length]])
    return tokens


def names(rows=6400, length=16):
    """Symbol rows: a-z, A-Z, 0-9, 62 start, 63 end, 64 pad."""
    path = FOLDER and os.path.join(FOLDER, "words", "names.txt")
    if path and os.path.exists(path):
        with open(path, encoding="utf8") as file:
            words = re.findall(r"(?<!\S)[a-zA-Z]{1,15}(?!\S)", file.read())[:rows]
    else:
        random = np.random.default_rng(0)
        words = ["".join(random.choice(list(string.ascii_lowercase), n)) for n in random.integers(3, 11, rows)]
    symbols = torch.full((rows, length), 64)
    for row, word in zip(symbols, words):
        row[:len(word) + 1] = torch.tensor([string.ascii_letters.index(letter) for letter in word] + [63])
    return symbols


# ------------------------------------------------------------------ W1
def w1():
    data = images("mnist/train-images-idx3-ubyte.gz", 60000)
    sizes = [(784, 128, True), (128, 2, False), (2, 64, True), (64, 128, True), (128, 784, False)]
    layers = [layer for fan_in, fan_out, relu in sizes for layer in [nn.Linear(fan_in, fan_out)] + [nn.ReLU()] * relu]
    net, take = nn.Sequential(*layers), in_turn(data, 128)
    assert sum(p.numel() for p in net.parameters()) == 210386

    def loss():
        x = take()
        return F.binary_cross_entropy_with_logits(net(x), x)

    step = training_step(net.parameters(), loss, 1e-3)
    report("W1", "step", [step], 128, "images/s")
    report("W1", "epoch", [lambda: [step() for _ in range(469)]], 469 * 128, "images/s")


# ------------------------------------------------------------------ W2, W3
class RecipeLstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm = nn.Embedding(10000, 100), nn.LSTM(100, 128, batch_first=True)
        self.output = nn.Linear(128, 10000)
        # Two biases a gate here: 512 more.
        assert sum(p.numel() for p in self.parameters()) == 2407248 + 512

    def forward(self, tokens, state=None):
        hidden, state = self.lstm(self.embedding(tokens), state)
        return self.output(hidden), state


def w2():
    net, take = RecipeLstm(), in_turn(recipes(), 32)

    def loss():
        rows = take()
        logits, _ = net(rows[:, :-1])
        return F.cross_entropy(logits.reshape(-1, 10000), rows[:, 1:].reshape(-1))

    report("W2", "step", [training_step(net.parameters(), loss, 1e-3)], 32 * 200, "tokens/s")


@torch.no_grad()
def w3():
    net, prompt, temperature = RecipeLstm(), [26, 16], 1

    def draw(logits):
        p = logits.softmax(-1).pow(1 / temperature)
        return torch.multinomial(p / p.sum(), 1).item()

    def carried():
        tokens, state = torch.tensor([prompt]), None
        for _ in range(100):
            logits, state = net(tokens, state)
            tokens = torch.tensor([[draw(logits[0, -1])]])

    def rerun():
        tokens = list(prompt)
        for _ in range(100):
            tokens.append(draw(net(torch.tensor([tokens]))[0][0, -1]))

    report("W3", "carried state", [carried], 100, "tokens/s")
    report("W3", "full re-run", [rerun], 100, "tokens/s")


# ------------------------------------------------------------------ W4, W5
class Causal(nn.Conv2d):
    """Its kernel times a mask; with `cropped` only the rows that have live taps are convolved."""

    def __init__(self, inputs, outputs, size, centre, cropped):
        super().__init__(inputs, outputs, size, padding=size // 2)
        taps = torch.zeros(size * size)
        taps[:size * size // 2 + centre] = 1
        self.register_buffer("taps", taps.view(size, size))
        self.cropped = cropped

    def forward(self, x):
        kernel, half = self.weight * self.taps, self.kernel_size[0] // 2
        if not self.cropped:
            return F.conv2d(x, kernel, self.bias, padding=half)
        return F.conv2d(F.pad(x, (half, half, half, 0)), kernel[:, :, :half + 1], self.bias)


class PixelCnn(nn.Module):
    def __init__(self, cropped):
        super().__init__()
        point = lambda i, o: [nn.Conv2d(i, o, 1), nn.ReLU()]
        block = lambda: nn.Sequential(*point(128, 64), Causal(64, 64, 3, 1, cropped), nn.ReLU(), *point(64, 128))
        self.first = nn.Sequential(Causal(1, 128, 7, 0, cropped), nn.ReLU())
        self.blocks = nn.ModuleList(block() for _ in range(5))
        self.head = nn.Sequential(*point(128, 128), *point(128, 128), nn.Conv2d(128, 4, 1))
        assert sum(p.numel() for p in self.parameters()) == 307460

    def forward(self, levels):
        x = self.first(levels / 4)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


LAYOUTS = [(cropped, layout) for cropped in (False, True) for layout in (torch.contiguous_format, torch.channels_last)]


def w4():
    data = levels16(1280)
    for batch in (128, 32):
        def way(cropped, layout):
            net, take = PixelCnn(cropped).to(memory_format=layout), in_turn(data.contiguous(memory_format=layout), batch)

            def loss():
                x = take()
                return F.cross_entropy(net(x), x[:, 0].long())

            return training_step(net.parameters(), loss, 5e-4)

        report("W4", f"step batch {batch}", [way(*layout) for layout in LAYOUTS], batch * 256, "pixels/s")


@torch.no_grad()
def w5():
    def way(cropped, layout):
        net = PixelCnn(cropped).to(memory_format=layout)

        def draw():
            drawn = torch.zeros(10, 1, 16, 16).contiguous(memory_format=layout)
            for pixel in range(256):
                i, j = divmod(pixel, 16)
                drawn[:, 0, i, j] = torch.multinomial(net(drawn)[:, :, i, j].softmax(1), 1)[:, 0].float()
            return drawn

        return draw

    report("W5", "ten images", [way(*layout) for layout in LAYOUTS], 10, "images/s")


# ------------------------------------------------------------------ W6
class ConvVae(nn.Module):
    def __init__(self):
        super().__init__()
        down = lambda i, o: [nn.Conv2d(i, o, 3, stride=2, padding=1), nn.ReLU()]
        up = lambda i, o: [nn.ConvTranspose2d(i, o, 3, stride=2, padding=1, output_padding=1), nn.ReLU()]
        self.encoder = nn.Sequential(*down(1, 32), *down(32, 64), *down(64, 128), nn.Flatten())
        self.mean, self.log_variance = nn.Linear(2048, 2), nn.Linear(2048, 2)
        self.decoder = nn.Sequential(nn.Linear(2, 2048), nn.Unflatten(1, (128, 4, 4)), *up(128, 128), *up(128, 64),
                                     *up(64, 32), nn.Conv2d(32, 1, 3, padding=1))

    def loss(self, x):
        code = self.encoder(x)
        mean, log_variance = self.mean(code), self.log_variance(code)
        z = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        kl = (mean.square() + log_variance.exp() - log_variance - 1).sum(1).mean() / 2
        return 500 * F.binary_cross_entropy_with_logits(self.decoder(z), x) + kl


def w6():
    pictures = images("fashion-mnist/train-first8226-images-idx3-ubyte.gz", 1000).view(-1, 1, 28, 28)
    data = F.pad(pictures, (2, 2, 2, 2))

    def way(layout):
        net, take = ConvVae().to(memory_format=layout), in_turn(data.contiguous(memory_format=layout), 100)
        assert sum(p.numel() for p in net.parameters()) == 347141
        return training_step(net.parameters(), lambda: net.loss(take()), 5e-4)

    report("W6", "step", [way(torch.contiguous_format), way(torch.channels_last)], 100, "images/s")


# ------------------------------------------------------------------ W7
def w7():
    nodes, words = 2708, 1433
    pairs, has = citations(nodes, words)
    labels = torch.eye(nodes)
    labels[pairs[:, 0], pairs[:, 1]] = labels[pairs[:, 1], pairs[:, 0]] = 1
    scale = labels.sum(1).pow(-0.5)
    propagation = scale.view(-1, 1) * labels * scale
    features = torch.zeros(nodes, words)
    features[has[:, 0], has[:, 1]] = 1
    ones = 2 * len(pairs)
    weight = torch.tensor((nodes * nodes - ones) / ones)
    norm = nodes * nodes / (2 * (nodes * nodes - ones))

    def way(sparse):
        a, x = (m.to_sparse().coalesce() if sparse else m for m in (propagation, features))
        product = torch.sparse.mm if sparse else torch.mm
        weights = [nn.Parameter(nn.init.xavier_uniform_(torch.empty(s))) for s in ((words, 32), (32, 16), (32, 16))]
        assert sum(p.numel() for p in weights) == 46880

        def loss():
            hidden = product(a, product(x, weights[0])).relu()
            mean, log_scale = (product(a, hidden @ w) for w in weights[1:])
            z = mean + log_scale.exp() * torch.randn_like(mean)
            fit = F.binary_cross_entropy_with_logits(z @ z.t(), labels, pos_weight=weight)
            kl = ((2 * log_scale).exp() + mean.square() - 2 * log_scale - 1).sum(1).mean() / 2
            return norm * fit + kl / nodes

        return training_step(weights, loss, 0.01)

    report("W7", "epoch", [way(True), way(False)], 1, "epochs/s")


# ------------------------------------------------------------------ W8
def tokun_bytes(characters=8192):
    """UTF-32 of the first characters of eight languages, [262144]."""
    folder = FOLDER and os.path.join(FOLDER, "text", "xquad-contexts")
    if not folder or not os.path.isdir(folder):
        return torch.randint(0, 256, (8 * characters * 4,))
    texts = (open(os.path.join(folder, f"{name}.txt"), encoding="utf8").read() for name in "ar de en es hi ru vi zh".split())
    joined = "".join(text[:characters] for text in texts)
    return torch.from_numpy(np.frombuffer(joined.encode("utf-32-be"), np.uint8).astype(np.int64))


class Tokun(nn.Module):
    def __init__(self, groups=(4, 4), dim=256):
        super().__init__()
        self.groups, self.dim = groups, dim
        self.embedding = nn.Embedding(256, dim)
        self.norms = nn.ModuleList(nn.LayerNorm(dim, eps=1e-3) for _ in 2 * groups)
        self.positions = nn.ParameterList(nn.Parameter(0.09 * torch.randn(g, dim)) for g in groups + groups[::-1])
        down = [nn.Linear(g * dim, dim) for g in groups]
        self.dense = nn.ModuleList(down + [nn.Linear(dim, g * dim) for g in groups[::-1]])
        self.head = nn.Linear(dim, 256)
        assert sum(p.numel() for p in self.parameters()) == 1188608

    @staticmethod
    def attend(x):
        return (x @ x.transpose(1, 2)).softmax(-1) @ x

    def encode(self, x):
        for i, group in enumerate(self.groups):
            x = self.attend(self.norms[i](x).view(-1, group, self.dim) + self.positions[i])
            x = F.silu(self.dense[i](x.reshape(-1, group * self.dim)))
        return x

    def logits(self, x):
        for i, group in enumerate(self.groups[::-1], len(self.groups)):
            x = self.attend(F.silu(self.dense[i](x)).view(-1, group, self.dim) + self.positions[i])
            x = self.norms[i](x.reshape(-1, self.dim))
        return self.head(x)


def w8():
    data, net = tokun_bytes(), Tokun()
    take = in_turn(data, 128 * 512)

    def loss():
        rows = take()
        return F.cross_entropy(net.logits(net.encode(net.embedding(rows))), rows)

    report("W8", "step", [training_step(net.parameters(), loss, 1e-3)], 128 * 128, "chars/s")
    with torch.no_grad():
        pieces = data.split(16384)
        vectors = [net.encode(net.embedding(piece)) for piece in pieces]
        hot = lambda piece: F.one_hot(piece, 256).float() @ net.embedding.weight
        gathered = lambda: [net.encode(net.embedding(piece)) for piece in pieces]
        report("W8", "encode", [gathered, lambda: [net.encode(hot(piece)) for piece in pieces]], 65536, "chars/s")
        report("W8", "decode", [lambda: [net.logits(z).softmax(-1).argmax(-1) for z in vectors]], 65536, "chars/s")


# ------------------------------------------------------------------ W9
class Shifted(nn.Module):
    """Weight-normalised convolution of live taps alone: zeros (left, right, above, below) put its window where it belongs."""

    def __init__(self, inputs, outputs, taps=(1, 1), zeros=None, stride=1, spread=False):
        super().__init__()
        sizes = (inputs, outputs) if spread else (outputs, inputs)
        self.direction = nn.Parameter(0.05 * torch.randn(*sizes, *taps))
        self.length, self.bias = nn.Parameter(torch.ones(outputs)), nn.Parameter(torch.zeros(outputs))
        self.filters, self.zeros, self.stride, self.spread = (1 if spread else 0), zeros, stride, spread
        self.ready = None

    def kernel(self):
        axes = [axis for axis in range(4) if axis != self.filters]
        scale = self.length / self.direction.square().sum(axes).sqrt()
        return self.direction * (scale.view(1, -1, 1, 1) if self.spread else scale.view(-1, 1, 1, 1))

    def forward(self, x):
        kernel = self.kernel() if self.ready is None else self.ready
        if self.spread:  # to twice the size; what a wide kernel puts beside the image is cut off
            beside = (kernel.shape[3] - 2 + 1) // 2
            return F.conv_transpose2d(x, kernel, self.bias, 2, (0, beside), (0, 2 * beside + 2 - kernel.shape[3]))
        return F.conv2d(F.pad(x, self.zeros) if self.zeros else x, kernel, self.bias, self.stride)


def concat_elu(x):
    return F.elu(torch.cat([x, -x], 1))


BESIDE = {"vertical": ((2, 3), (1, 1, 1, 0)), "horizontal": ((2, 2), (1, 0, 1, 0))}  # taps, zeros


class GatedLayer(nn.Module):
    def __init__(self, stack, skip, filters=32):
        super().__init__()
        self.first = Shifted(2 * filters, filters, *BESIDE[stack])
        self.second = Shifted(2 * filters, 2 * filters, *BESIDE[stack])
        self.skip = Shifted(2 * skip * filters, filters) if skip else None

    def forward(self, x, *skips):
        hidden = self.first(concat_elu(x))
        if skips:
            hidden = hidden + self.skip(concat_elu(torch.cat(skips, 1) if len(skips) > 1 else skips[0]))
        a, b = self.second(F.dropout(concat_elu(hidden), 0.3, self.training)).chunk(2, 1)
        return x + a * b.sigmoid()


class PixelCnnPp(nn.Module):
    """One layer in each of two hierarchies; logits, locations, scales of 5 logistics for each pixel of [B, 1, 32, 32]."""

    def __init__(self, f=32):
        super().__init__()
        self.above = Shifted(1, f, (2, 3), (1, 1, 2, -1))
        self.row_above, self.left = Shifted(1, f, (1, 3), (1, 1, 1, -1)), Shifted(1, f, (2, 1), (1, -1, 1, 0))
        self.down = nn.ModuleList(nn.ModuleList([GatedLayer("vertical", 0), GatedLayer("horizontal", 1)]) for _ in range(2))
        self.up = nn.ModuleList(nn.ModuleList([GatedLayer("vertical", 1), GatedLayer("horizontal", 2)]) for _ in range(3))
        # The last row, and to the right the last column, are seen by no window of stride 2.
        self.shrink = nn.ModuleList([Shifted(f, f, (2, 3), (1, 0, 1, -1), 2), Shifted(f, f, (2, 2), (1, -1, 1, -1), 2)])
        self.grow = nn.ModuleList([Shifted(f, f, (2, 3), None, 2, True), Shifted(f, f, (2, 2), None, 2, True)])
        self.head = Shifted(f, 15)

    def forward(self, x):
        v, h = self.above(x), self.row_above(x) + self.left(x)
        kept = [(v, h)]
        for level, (vertical, horizontal) in enumerate(self.down):
            v = vertical(v)
            h = horizontal(h, v)
            kept.append((v, h))
            if level == 0:
                v, h = self.shrink[0](v), self.shrink[1](h)
                kept.append((v, h))
        v, h = kept.pop()
        for i, (vertical, horizontal) in enumerate(self.up):
            old_v, old_h = kept.pop()
            v = vertical(v, old_v)
            h = horizontal(h, v, old_h)
            if i == 0:
                v, h = self.grow[0](v), self.grow[1](h)
        return self.head(F.elu(h))

    def loss(self, y):
        """Nats per image of levels [B, 1, 32, 32]."""
        parameters = self(y / 127.5 - 1).permute(0, 2, 3, 1)
        return -mixture_log_prob(y[:, 0], *parameters.chunk(3, -1)).sum((1, 2)).mean()

    @torch.no_grad()
    def draw(self, pixels):
        """The first pixels of one image, a whole pass for each."""
        image = torch.zeros(1, 1, 32, 32)
        for n in range(pixels):
            y, x = divmod(n, 32)
            logits, loc, raw_scale = self(image)[0, :, y, x].chunk(3)
            k = torch.multinomial(logits.softmax(0), 1)
            noise = torch.rand(1).logit(1e-7)
            image[0, 0, y, x] = (loc[k] + (F.softplus(raw_scale[k]) + math.exp(-7)) * noise).clamp(-1, 1)


def w9():
    pictures = images("fashion-mnist/train-first8226-images-idx3-ubyte.gz", 320).view(-1, 1, 28, 28)
    levels = (255 * F.interpolate(pictures, (32, 32), mode="bilinear", align_corners=False)).round()
    net = PixelCnnPp()
    assert sum(p.numel() for p in net.parameters()) == 353950

    def way(layout):
        take = in_turn(levels.contiguous(memory_format=layout), 32)
        model = PixelCnnPp().to(memory_format=layout)
        return training_step(model.parameters(), lambda: model.loss(take()), 1e-3)

    report("W9", "step", [way(torch.contiguous_format), way(torch.channels_last)], 32, "images/s")
    net.eval()
    for module in net.modules():
        if isinstance(module, Shifted):
            module.ready = module.kernel().detach()
    report("W9", "one image", [lambda: net.draw(64)], 1, "images/s", 1024 / 64)


# ------------------------------------------------------------------ W10
class WordVae(nn.Module):
    def __init__(self):
        super().__init__()
        self.read, self.write = nn.Embedding(65, 20), nn.Embedding(65, 20)
        self.encoder, self.decoder = nn.GRU(20, 64), nn.GRU(20 + 16, 64)
        self.mean, self.log_variance = nn.Linear(64, 16), nn.Linear(64, 16)
        self.start, self.output = nn.Linear(16, 64), nn.Linear(64, 65)
        assert sum(p.numel() for p in self.parameters()) == 46089

    def loss(self, words):
        """words [16, B]."""
        length, batch = words.shape
        mask = (words != 64).float()
        states, _ = self.encoder(self.read(words))
        end = states[mask.sum(0).long() - 1, torch.arange(batch)]
        mean, log_variance = self.mean(end), self.log_variance(end)
        z = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        before = words[:-1].masked_fill(torch.rand(length - 1, batch) < 0.3, 64)
        before = torch.cat([torch.full((1, batch), 62), before])
        inputs = torch.cat([self.write(before), z.expand(length, batch, 16)], 2)
        states, _ = self.decoder(inputs, self.start(z).tanh().unsqueeze(0))
        nats = F.cross_entropy(self.output(states).view(-1, 65), words.reshape(-1), reduction="none")
        kl = (mean.square() + log_variance.exp() - log_variance - 1).mean(0) / 2
        return (nats * mask.view(-1)).sum() / batch + kl.clamp(min=0.05).sum() / 2


def w10():
    net, take = WordVae(), in_turn(names(), 64)
    step = training_step(net.parameters(), lambda: net.loss(take().t().contiguous()), 1e-3)
    report("W10", "step", [step], 64, "words/s")


# ------------------------------------------------------------------ W11
def mixture_log_prob(y, logits, loc, raw_scale):
    """y [...] in 0..255, parameters [..., K], locations and scales on [-1, 1]."""
    half, y = 127.5, y.unsqueeze(-1)
    mean, scale = half * (loc + 1), half * (F.softplus(raw_scale) + math.exp(-7))
    above, below = F.softplus((mean - y - 0.5) / scale), F.softplus((y - 0.5 - mean) / scale)
    width = torch.log(-torch.expm1(-1 / scale))
    mass = torch.where(y == 0, -above, torch.where(y == 255, -below, width - above - below))
    return torch.logsumexp(F.log_softmax(logits, -1) + mass, -1)


def w11():
    y = torch.randint(256, (64, 32, 32)).float()
    parameters = [torch.randn(64, 32, 32, 10, requires_grad=True) for _ in range(3)]
    loss = lambda: -mixture_log_prob(y, *parameters).sum((1, 2)).mean()

    def both():
        value = loss()
        torch.autograd.grad(value, parameters)
        return value.item()

    def gumbel_softmax():
        noise = -torch.log(-torch.log(torch.rand(100000, 10).clamp_min(1e-20)))
        return torch.softmax((logits + noise) / 0.5, -1)

    pixels = y.numel()
    report("W11", "log_prob forward+backward", [both], pixels, "pixels/s")
    with torch.no_grad():
        report("W11", "log_prob forward", [lambda: loss().item()], pixels, "pixels/s")
        report("W11", "normal 1e6", [lambda: torch.randn(1000000) * 2 + 1, lambda: torch.empty(1000000).normal_(1, 2)],
               1000000, "samples/s")
        logits = torch.randn(100000, 10)
        report("W11", "gumbel-softmax", [gumbel_softmax], 100000, "samples/s")


# ------------------------------------------------------------------ micro
@torch.no_grad()
def micro():
    n = 1024
    a, b = torch.randn(n, n), torch.randn(n, n)
    x, y = (torch.empty(n, n).uniform_(0.1, 0.9) for _ in range(2))
    table, rows, updates = torch.randn(10000, 100), torch.randint(10000, (6400,)), torch.randn(6400, 100)

    def convolutions(layout):
        image, kernel, dy = (torch.randn(*s).contiguous(memory_format=layout)
                             for s in ((64, 128, 16, 16), (128, 128, 3, 3), (64, 128, 16, 16)))
        back = lambda of_input, of_filter: lambda: torch.ops.aten.convolution_backward(
            dy, image, kernel, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [of_input, of_filter, False])
        return lambda: F.conv2d(image, kernel, padding=1), back(True, False), back(False, True)

    layouts = zip(convolutions(torch.contiguous_format), convolutions(torch.channels_last))
    product, convolution, elements = 2 * n ** 3, 2 * 64 * 16 * 16 * 9 * 128 * 128, n * n
    for name, ways in (("matmul NN", [lambda: a @ b]), ("matmul TN", [lambda: a.t() @ b]), ("matmul NT", [lambda: a @ b.t()])):
        report("micro", name, ways, product, "FLOP/s")
    for name, ways in zip(("conv2d fwd", "conv2d input-grad", "conv2d filter-grad"), layouts):
        report("micro", name, ways, convolution, "FLOP/s")
    for name, run, count in (
        ("exp", lambda: x.exp(), elements), ("tanh", lambda: x.tanh(), elements), ("softplus", lambda: F.softplus(x), elements),
        ("softmax", lambda: x.softmax(1), elements), ("log_softmax", lambda: x.log_softmax(1), elements),
        ("sum axis0", lambda: x.sum(0), elements), ("sum axis1", lambda: x.sum(1), elements), ("sum all", lambda: x.sum(), elements),
        ("gather 6400x100", lambda: table[rows], 640000),
        ("scatter-add 6400x100", lambda: torch.zeros(10000, 100).index_add_(0, rows, updates), 640000),
        ("transpose", lambda: x.t().contiguous(), elements), ("maximum", lambda: torch.maximum(x, y), elements),
        ("greater", lambda: x > y, elements), ("where(greater)", lambda: torch.where(x > y, x, y), elements),
        ("randn", lambda: torch.randn(n, n), elements), ("cumsum axis1", lambda: x.cumsum(1), elements),
    ):
        report("micro", name, [run], count, "elements/s")


# ------------------------------------------------------------------ optimisers
def optim():
    shapes = ((10000, 100), (100, 512), (128, 512), (512,), (128, 10000), (10000,))
    parameters = [nn.Parameter(torch.randn(*shape)) for shape in shapes]
    for p in parameters:
        p.grad = torch.randn_like(p)
    count = sum(p.numel() for p in parameters)
    matrices, vectors = ([p for p in parameters if (p.ndim > 1) == several] for several in (True, False))

    def adam(foreach, clips):
        optimizer = torch.optim.Adam(parameters, lr=1e-4, foreach=foreach)

        def run():
            if clips:  # scales the gradients in place: from the second run on there is nothing left to scale, at the same cost
                torch.nn.utils.clip_grad_norm_(parameters, 1.0).item()
            optimizer.step()

        return run

    def adamw(foreach):
        groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=1e-4, foreach=foreach).step

    report("optim", "adam", [adam(False, False), adam(True, False)], count, "weights/s")
    report("optim", "adam clipped", [adam(False, True), adam(True, True)], count, "weights/s")
    report("optim", "adamw", [adamw(False), adamw(True)], count, "weights/s")


WORKLOADS = {"micro": micro, "optim": optim, "W1": w1, "W2": w2, "W3": w3, "W4": w4, "W5": w5, "W6": w6, "W7": w7, "W8": w8, "W9": w9, "W10": w10, "W11": w11}

if __name__ == "__main__":
    by_name = {name.lower(): run for name, run in WORKLOADS.items()}
    asked = sys.argv[1:] or list(WORKLOADS)
    unknown = [name for name in asked if name.lower() not in by_name]
    if unknown:
        sys.exit(f"torch_twins.py: unknown workload '{unknown[0]}'. There are: {', '.join(WORKLOADS)}.")
    for name in asked:
        by_name[name.lower()]()
