/** A file of a data set and how to know that it is the right one. */
export interface DataFile {
  /** Its name in the data set's folder. */
  name: string;
  /** Its size; a wrong one is told before hashing. */
  bytes?: number;
  sha256?: string;
  md5?: string;
  /** Where it is downloaded from, best first. Empty: it can't be downloaded. */
  urls?: readonly string[];
}

/** One form in which a data set exists: the official files, or a part or repacking of them. */
export interface Edition {
  /** Folder under the data folder. */
  folder: string;
  files: readonly DataFile[];
  /** What is not complete or official about it, said in `source`. */
  note?: string;
}

/** A data set known by name. */
export interface DataSet {
  name: string;
  kind: 'images' | 'text' | 'graph' | 'points' | 'code points';
  /** One line for `trainer data list`. */
  summary: string;
  /** Made by the project, always there. */
  embedded: boolean;
  license: string;
  /** What is downloaded and cached; absent for embedded sets. */
  official?: Edition;
  /** Other forms that may lie in the data folder, tried after the official one. */
  others?: readonly Edition[];
  /** How to get it where it can't be downloaded. */
  supply?: string;
}

const idxFiles = (
  bases: readonly string[],
  files: readonly (readonly [name: string, bytes: number, md5: string, sha256?: string])[],
): DataFile[] =>
  files.map(([name, bytes, md5, sha256]) => ({ name, bytes, md5, sha256, urls: bases.map((base) => base + name) }));

const MNIST_URLS = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
] as const;

const FASHION_URLS = [
  'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  'https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/',
] as const;

const CORA_URL = 'https://raw.githubusercontent.com/tkipf/pygcn/master/data/cora/';
const CORA_CITES: DataFile = {
  name: 'cora.cites',
  bytes: 69_928,
  sha256: 'ec1a372391b7f0f60a6aff0084e8abd8f19f0faa7e1f2441a41c492042d5945e',
  urls: [`${CORA_URL}cora.cites`],
};

const NAMES: DataFile = {
  name: 'names.txt',
  bytes: 228_145,
  sha256: '0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d',
  urls: [
    'https://raw.githubusercontent.com/karpathy/makemore/988aa59/names.txt',
    'https://raw.githubusercontent.com/karpathy/makemore/master/names.txt',
  ],
};

const SHAKESPEARE: DataFile = {
  name: 'tinyshakespeare.txt',
  bytes: 1_115_394,
  sha256: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed',
  urls: ['https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt'],
};

/**
 * The data sets known by name. Checksums are the official ones: MNIST and Fashion-MNIST as torchvision lists them,
 * CIFAR-10 from its home page; the rest from the files themselves, whose origin is named beside each.
 */
export const dataSets: readonly DataSet[] = [
  {
    name: 'digits',
    kind: 'images',
    summary: 'handwritten-looking digits 28 x 28, drawn by the project: 8,000 + 2,000',
    embedded: true,
    license: 'MIT, part of the project',
  },
  {
    name: 'gaussian-clusters',
    kind: 'points',
    summary: 'points in the plane in three clusters, round, long and flat, drawn by the project: 2,000 + 500',
    embedded: true,
    license: 'MIT, part of the project',
  },
  {
    name: 'random-codepoints',
    kind: 'code points',
    summary:
      'text of code points uniform over Unicode without the surrogates: 131,072 + 8,192 + 16,384, made by the project',
    embedded: true,
    license: 'MIT, part of the project',
  },
  {
    name: 'recipe-grammar',
    kind: 'text',
    summary: 'recipes of 22 dishes, written by a grammar of the project: 2,000 + 500',
    embedded: true,
    license: 'MIT, part of the project',
  },
  {
    name: 'generated-words',
    kind: 'text',
    summary: '4,000 words that can be spoken, made of syllables by the project, some of them often',
    embedded: true,
    license: 'MIT, part of the project',
  },
  {
    name: 'planted-topics',
    kind: 'text',
    summary: 'documents of one to three sentences about ten topics, written by the project: 2,000 + 500',
    embedded: true,
    license: 'MIT, part of the project',
  },
  {
    name: 'mnist',
    kind: 'images',
    summary: 'handwritten digits 28 x 28: 60,000 + 10,000',
    embedded: false,
    license: 'CC BY-SA 3.0 (LeCun, Cortes, Burges)',
    official: {
      folder: 'mnist',
      files: idxFiles(MNIST_URLS, [
        [
          'train-images-idx3-ubyte.gz',
          9_912_422,
          'f68b3c2dcbeaaa9fbdd348bbdeb94873',
          '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
        ],
        [
          'train-labels-idx1-ubyte.gz',
          28_881,
          'd53e105ee54ea40749a09fcbcd1e9432',
          '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
        ],
        [
          't10k-images-idx3-ubyte.gz',
          1_648_877,
          '9fb629c4189551a2d022fa330f9573f3',
          '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
        ],
        [
          't10k-labels-idx1-ubyte.gz',
          4_542,
          'ec29112dd5afa0611ce80d1b7f02629c',
          'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
        ],
      ]),
    },
  },
  {
    name: 'fashion-mnist',
    kind: 'images',
    summary: 'clothes 28 x 28 in grey: 60,000 + 10,000',
    embedded: false,
    license: 'MIT (Zalando SE)',
    official: {
      folder: 'fashion-mnist',
      files: idxFiles(FASHION_URLS, [
        ['train-images-idx3-ubyte.gz', 26_421_880, '8d4fb7e6c68d591d4c3dfef9ec88bf0d'],
        ['train-labels-idx1-ubyte.gz', 29_515, '25c81989df183df01b3e8a0aad5dffbe'],
        ['t10k-images-idx3-ubyte.gz', 4_422_102, 'bef4ecab320f06d8554ea6380940ec79'],
        ['t10k-labels-idx1-ubyte.gz', 5_148, 'bb300cfdad3c16e7a12a480ee83cd310'],
      ]),
    },
    others: [
      {
        folder: 'fashion-mnist',
        note: 'not the whole set: the first 8,226 of 60,000 training and 6,978 of 10,000 test images',
        files: [
          {
            name: 'train-first8226-images-idx3-ubyte.gz',
            bytes: 3_572_616,
            sha256: '78f433c1626cc390988e5fe2a955183664352ce2a0c2639b59079d3842ee964b',
          },
          {
            name: 'train-first8226-labels-idx1-ubyte.gz',
            bytes: 4_212,
            sha256: '961fe012cd4121086010345b68749777d09c357e3e4d19758e63fb57b681a421',
          },
          {
            name: 't10k-first6978-images-idx3-ubyte.gz',
            bytes: 3_053_155,
            sha256: 'ffdec277fbf55b91f257ea4fd12872d496ce3d1e1a6f7ed893f94b8023d4ad67',
          },
          {
            name: 't10k-first6978-labels-idx1-ubyte.gz',
            bytes: 3_584,
            sha256: '665ca181d9a2fe45545f5ca7c1ea7b75b0c1e73b98664a1f81231d79c82da955',
          },
        ],
      },
    ],
  },
  {
    name: 'cifar10',
    kind: 'images',
    summary: 'small photographs 32 x 32 in colour, ten classes: 50,000 + 10,000',
    embedded: false,
    license: 'none stated (Krizhevsky 2009)',
    official: {
      folder: 'cifar10',
      files: [
        {
          name: 'cifar-10-binary.tar.gz',
          bytes: 170_052_171,
          md5: 'c32a1d4ab5d03f1284b67883e8d87530',
          sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
          urls: ['https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'],
        },
      ],
    },
    others: [
      {
        folder: 'cifar10',
        note: 'not the whole set: the first 2,000 of 50,000 training images and no test part',
        files: [
          {
            name: 'train-first2000.bin.gz',
            bytes: 5_662_466,
            sha256: '863c58c2db7456dbc725e10903c95baddb6a5151db1001c6fc3ee6f940a1fec3',
          },
        ],
      },
    ],
  },
  {
    name: 'recipes',
    kind: 'text',
    summary: 'recipes of epicurious.com as JSON, for text generation',
    embedded: false,
    license: 'the texts belong to their publisher',
    official: { folder: 'recipes', files: [{ name: 'full_format_recipes.json' }] },
    others: [
      {
        folder: 'recipes',
        note: 'not the Kaggle file: 18,632 recipes of the same site from another crawl',
        files: [
          {
            name: 'epicurious-recipes.json.gz',
            bytes: 7_778_017,
            sha256: '4ea0a8e864f0c4596a4a5b35d7278da3f5fe07e481498639e3a52ad32bad0d72',
          },
        ],
      },
    ],
    supply:
      'Kaggle asks for a login: get full_format_recipes.json from https://www.kaggle.com/datasets/hugodarwood/epirecipes',
  },
  {
    name: 'names',
    kind: 'text',
    summary: '32,033 first names, one a line',
    embedded: false,
    license: 'MIT (karpathy/makemore)',
    official: { folder: 'names', files: [NAMES] },
    others: [{ folder: 'words', files: [NAMES] }],
  },
  {
    name: 'planted-graph',
    kind: 'graph',
    summary: '300 nodes in 6 communities, 60 words, 1,350 edges, made by the project',
    embedded: true,
    license: 'MIT, part of the project',
  },
  {
    name: 'cora',
    kind: 'graph',
    summary: '2,708 papers, 1,433 words, 5,429 citations, 7 classes',
    embedded: false,
    license: 'none stated for the data (McCallum et al. 2000)',
    official: {
      folder: 'cora',
      files: [
        {
          name: 'cora.content',
          bytes: 7_823_427,
          md5: '7ffbff7cfb44225449cff17728829af1',
          urls: [`${CORA_URL}cora.content`],
        },
        CORA_CITES,
      ],
    },
    others: [
      {
        folder: 'cora',
        files: [
          {
            name: 'cora.content.gz',
            bytes: 109_757,
            sha256: 'ba750994ffb9dae42b4f130419957bc581be62d303da7b2d6e7085a907d649af',
          },
          CORA_CITES,
        ],
      },
      {
        folder: 'cora',
        note: 'the planetoid edition: other node numbers, no classes',
        files: [
          {
            name: 'cora.planetoid.json.gz',
            bytes: 93_650,
            sha256: '8bbab1f26d0c493f23187f39498383cb21b871dcabfaa4270ccdf7907b1f8e64',
          },
        ],
      },
    ],
  },
  {
    name: 'shakespeare',
    kind: 'text',
    summary: 'a megabyte of Shakespeare, for character models',
    embedded: false,
    license: 'public domain text, MIT collection (karpathy/char-rnn)',
    official: { folder: 'shakespeare', files: [SHAKESPEARE] },
    others: [{ folder: 'text', files: [SHAKESPEARE] }],
  },
];
