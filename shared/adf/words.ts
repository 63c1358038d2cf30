/**
 * A word with the space that follows it, or space alone at the start. Scripts without spaces are cut after their full stops and commas,
 * so that a whole paragraph is not one word. Never cuts a pair of surrogates: all that ends a word is one code unit.
 */
const wordPattern = /[^\s。、！？；]*[\s。、！？；]+|[^\s。、！？；]+$/g;

/** The words of a text; joined they are the text again. */
export function wordsOf(text: string): readonly string[] {
  return text.match(wordPattern) ?? [];
}

/** True when the word ends with its space or stop, so that the next one is another word. */
export function isWholeWord(word: string): boolean {
  return /[\s。、！？；]$/.test(word);
}

/** Two texts of which less than this part of the shorter one's words is common are not versions of one text. */
const leastCommon = 0.5;

/** What a text without words counts as next to any other: possible, but any pair with words is likelier. */
const wordless = 0.1;

/**
 * How likely two texts are versions of one: the common part of the shorter one's words, 0 below one half.
 * The shorter one counts, so that a filled-in template and a text cut down to its first line are still versions.
 */
export function likenessOf(one: string, other: string): number {
  const words = counted(one);
  const others = counted(other);
  const fewer = Math.min(sizeOf(words), sizeOf(others));
  if (fewer === 0) return wordless;
  let common = 0;
  for (const [word, count] of words) common += Math.min(count, others.get(word) ?? 0);
  return common / fewer < leastCommon ? 0 : common / fewer;
}

function counted(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const whole of wordsOf(text)) {
    const word = whole.trim();
    if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function sizeOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
