/** Words of one planted topic: 12 nouns, 9 verbs in the past that take an object, 9 adjectives. No word is in two topics. */
export interface TopicWords {
  readonly nouns: readonly string[];
  readonly verbs: readonly string[];
  readonly adjectives: readonly string[];
}

const topic = (nouns: string, verbs: string, adjectives: string): TopicWords => ({
  nouns: nouns.split(' '),
  verbs: verbs.split(' '),
  adjectives: adjectives.split(' '),
});

/** Sea, garden, music, space, football, law, medicine, money, kitchen, winter; in each list the most frequent word first. */
export const topicWords: readonly TopicWords[] = [
  topic(
    'ship sailor harbor captain wave island anchor crew sail whale lighthouse net',
    'steered sailed boarded moored hauled rowed charted rescued launched',
    'stormy deep coastal salty tidal foggy sunken nautical briny',
  ),
  topic(
    'flower gardener tree seed rose soil leaf hedge root tulip fence shovel',
    'planted watered pruned trimmed harvested weeded raked fertilized mulched',
    'green blooming leafy fragrant shady wild lush thorny muddy',
  ),
  topic(
    'song singer guitar orchestra melody concert piano drum violin choir stage chorus',
    'composed performed sang rehearsed recorded tuned conducted hummed strummed',
    'loud melodic acoustic rhythmic catchy lyrical harmonic jazzy soft',
  ),
  topic(
    'planet star rocket moon astronaut galaxy comet telescope satellite probe crater orbit',
    'observed orbited discovered tracked scanned approached photographed circled eclipsed',
    'distant lunar solar cosmic bright stellar dark weightless infinite',
  ),
  topic(
    'team striker goalie coach ball match referee stadium fan league trophy whistle',
    'kicked passed tackled defended blocked cheered coached scored dribbled',
    'fierce agile athletic undefeated tactical offside muscular sweaty sporty',
  ),
  topic(
    'judge lawyer court witness jury trial verdict crime defendant prosecutor clerk statute',
    'accused convicted questioned sentenced acquitted sued prosecuted appealed overruled',
    'guilty legal innocent criminal civil judicial unlawful binding solemn',
  ),
  topic(
    'doctor nurse patient hospital fever clinic surgeon vaccine wound symptom tablet bandage',
    'treated cured examined healed diagnosed vaccinated monitored injected bandaged',
    'sick healthy medical painful chronic clinical infected feverish allergic',
  ),
  topic(
    'bank investor market loan fund trader dollar profit broker tax budget coin',
    'invested sold traded borrowed spent deposited financed earned priced',
    'rich expensive profitable financial wealthy bankrupt frugal monetary taxable',
  ),
  topic(
    'chef soup bread oven recipe sauce knife kitchen butter pan spoon apron',
    'baked tasted stirred sliced fried roasted seasoned peeled simmered',
    'delicious sweet tasty spicy creamy crispy savory juicy buttery',
  ),
  topic(
    'snow ice skier sled frost skater glacier blizzard scarf snowman mitten icicle',
    'froze melted shoveled plowed thawed chilled iced bundled frosted',
    'cold snowy icy frozen white arctic slippery frosty wintry',
  ),
];
