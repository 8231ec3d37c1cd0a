/**
 * English function words: articles, pronouns, prepositions, conjunctions, auxiliary verbs and the like, in lower case; and what
 * is left of their short forms when the apostrophe is a word of its own (don ' t, we ' ll). Put together for this package.
 */
export const englishStopWords: readonly string[] = [
  ...list('a an the this that these those such same other others another each every either neither any some no'),
  ...list('all both few many more most much several own only just even also too very so rather quite almost'),
  ...list('i me my mine myself we us our ours ourselves you your yours yourself yourselves'),
  ...list('he him his himself she her hers herself it its itself they them their theirs themselves one ones'),
  ...list('who whom whose which what whatever whoever when whenever where wherever why how however'),
  ...list('about above across after against along among around as at before behind below beneath beside besides'),
  ...list('between beyond by despite down during except for from in inside into like near of off on onto out'),
  ...list('outside over past per since through throughout till to toward towards under until unto up upon via with'),
  ...list('within without and but or nor yet if else than then though although because unless while whereas whether'),
  ...list('be am is are was were been being have has had having do does did doing done can could may might must'),
  ...list('shall should will would cannot ought not never ever here there now again once further still already'),
  ...list('nobody somebody anybody everybody nothing something anything everything none someone anyone everyone'),
  ...list('don doesn didn isn aren wasn weren hasn haven hadn won wouldn couldn shouldn mustn ll ve re'),
];

function list(words: string): string[] {
  return words.split(' ');
}
