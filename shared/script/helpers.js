/**
 * What every rule script finds around it. Runs inside the sandbox, before the script, in the same realm; its value is what the
 * worker needs. `examples/rule.d.ts` tells people what each helper does: keep both together.
 *
 * What the worker needs may use nothing that a script can change afterwards: captured functions, operators and own
 * properties only. The helpers may use anything; a script that breaks them breaks only its own run.
 */
(() => {
  'use strict';

  const { parse, stringify } = JSON;
  const { freeze, keys, getPrototypeOf, getOwnPropertyDescriptor, hasOwn, defineProperty } = Object;
  const { isArray } = Array;
  const { isFinite } = Number;
  const { apply } = Reflect;
  const { slice } = String.prototype;
  const plain = Object.prototype;
  const list = Array.prototype;

  // ── What there is not ─────────────────────────────────────────────────────────────────────────────────────────

  /** Texts become code nowhere, nothing is shared between threads, nothing tells when memory is freed, nothing waits. */
  const gone = ['eval', 'Function', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'Promise'];
  for (const name of gone) delete globalThis[name];
  delete Math.random;
  const makers = [() => 1, async () => 1, function* () {}, async function* () {}];
  for (const maker of makers) {
    defineProperty(getPrototypeOf(maker), 'constructor', { value: undefined, writable: false, configurable: false });
  }

  // ── What the worker needs ─────────────────────────────────────────────────────────────────────────────────────

  const SKIP = freeze({ skip: true });

  class HelperRefused extends TypeError {}

  const kinds = [
    [HelperRefused.prototype, 'HelperRefused'],
    [TypeError.prototype, 'TypeError'],
    [ReferenceError.prototype, 'ReferenceError'],
    [SyntaxError.prototype, 'SyntaxError'],
    [InternalError.prototype, 'InternalError'],
  ];

  function deepFreeze(value) {
    if (typeof value !== 'object' || value === null) return value;
    if (isArray(value)) {
      for (let at = 0; at < value.length; at += 1) deepFreeze(value[at]);
      return freeze(value);
    }
    const names = keys(value);
    for (let at = 0; at < names.length; at += 1) {
      const member = value[names[at]];
      if (typeof member === 'object') deepFreeze(member);
    }
    return freeze(value);
  }

  /** Ends with `v` and the JSON, `s` for skipped, `o` for a result that is no plain value, `l` for one that is too large. */
  function drive(entry, isOutgoing, texts, maxDepth, maxChars) {
    const replica = parse(texts[0]);
    const issue = deepFreeze(parse(texts[1]));
    let result;
    try {
      result = isOutgoing ? entry(issue, replica) : entry(replica, issue, deepFreeze(parse(texts[2])));
    } catch (thrown) {
      if (thrown === SKIP) return 's';
      throw thrown;
    }
    if (result === null) return 's';
    return pack(result === undefined ? replica : result, maxDepth, maxChars);
  }

  function pack(result, maxDepth, maxChars) {
    let nodes = 0;
    /** `''` when the value is plain. Every node costs at least one character, so counting nodes ends what doubles. */
    function oddity(value, depth) {
      nodes += 1;
      if (nodes > maxChars) return 'l';
      if (value === null || typeof value === 'string' || typeof value === 'boolean') return '';
      if (typeof value === 'number') return isFinite(value) ? '' : 'o';
      if (typeof value !== 'object' || depth > maxDepth) return 'o';
      return isArray(value) ? oddItem(value, depth) : oddMember(value, depth);
    }
    function oddItem(value, depth) {
      if (getPrototypeOf(value) !== list) return 'o';
      for (let at = 0; at < value.length; at += 1) {
        const item = value[at];
        const odd = item === undefined ? 'o' : oddity(item, depth + 1);
        if (odd !== '') return odd;
      }
      return '';
    }
    function oddMember(value, depth) {
      const above = getPrototypeOf(value);
      if (above !== plain && above !== null) return 'o';
      const names = keys(value);
      for (let at = 0; at < names.length; at += 1) {
        if (names[at] === '__proto__') return 'o';
        const member = value[names[at]];
        const odd = member === undefined ? '' : oddity(member, depth + 1);
        if (odd !== '') return odd;
      }
      return '';
    }
    const odd = oddity(result, 1);
    if (odd !== '') return odd;
    const json = stringify(result);
    if (typeof json !== 'string') return 'o';
    return json.length > maxChars ? 'l' : 'v' + json;
  }

  /** Kind, message and stack of what was thrown, for the worker only. Runs no getter of it; a proxy may still refuse to answer. */
  function describe(thrown) {
    if (typeof thrown !== 'object' || thrown === null) return stringify(['', '', '']);
    try {
      const above = getPrototypeOf(thrown);
      let kind = '';
      for (let at = 0; at < kinds.length; at += 1) if (kinds[at][0] === above) kind = kinds[at][1];
      return stringify([kind, textIn(thrown, 'message'), textIn(thrown, 'stack')]);
    } catch {
      return stringify(['', '', '']);
    }
  }

  function textIn(thrown, name) {
    const own = getOwnPropertyDescriptor(thrown, name);
    return own !== undefined && typeof own.value === 'string' ? apply(slice, own.value, [0, 4000]) : '';
  }

  // ── Helpers ───────────────────────────────────────────────────────────────────────────────────────────────────

  const refuse = (what) => {
    throw new HelperRefused(what);
  };
  const isDoc = (value) =>
    typeof value === 'object' && value !== null && value.type === 'doc' && isArray(value.content);
  const needString = (value) => (typeof value === 'string' ? value : refuse('text'));
  const needObject = (value) => (typeof value === 'object' && value !== null ? value : refuse('object'));
  const byCodeUnits = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
  const asSet = (values) => [...new Set(values)].sort(byCodeUnits);

  /** Attributes in which a node without text of its own keeps what people read. @see shared/adf/text.ts */
  const shown = {
    mention: ['text'],
    emoji: ['text', 'shortName'],
    status: ['text'],
    placeholder: ['text'],
    inlineCard: ['url'],
    blockCard: ['url'],
    embedCard: ['url'],
  };

  const inline = (node) => {
    if (node.text !== undefined) return node.text;
    if (node.type === 'hardBreak') return '\n';
    if (node.content !== undefined) return node.content.map(inline).join('');
    const names = hasOwn(shown, node.type) ? shown[node.type] : [];
    for (const name of names)
      if (typeof node.attrs?.[name] === 'string' && node.attrs[name] !== '') return node.attrs[name];
    return '';
  };
  const lines = (nodes) =>
    nodes.flatMap((node) =>
      (node.content ?? []).some(({ content }) => content !== undefined) ? lines(node.content) : [inline(node)],
    );

  function text(value) {
    if (value === null || value === undefined) return '';
    if (typeof value === 'string') return value;
    return isDoc(value) ? lines(value.content).join('\n') : refuse('document');
  }

  function adf(value) {
    const content = needString(value)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ type: 'paragraph', content: [{ type: 'text', text: line }] }));
    return { type: 'doc', version: 1, content };
  }

  const asDoc = (value) => {
    if (value === null || value === undefined) return adf('');
    if (typeof value === 'string') return adf(value);
    return isDoc(value) ? value : refuse('document');
  };

  function append(value, more) {
    const first = asDoc(value);
    return { ...first, content: [...first.content, ...asDoc(more).content] };
  }

  function prepend(value, more) {
    return append(more, value);
  }

  function mapText(value, change) {
    if (value === null || value === undefined) return value;
    if (typeof value === 'string') return needString(change(value));
    return { ...asDoc(value), content: mapNodes(value.content, change) };
  }

  const mapNodes = (nodes, change) =>
    nodes.flatMap((node) => {
      if (typeof node.text === 'string') {
        const changed = needString(change(node.text));
        return changed === '' ? [] : [{ ...node, text: changed }];
      }
      return [node.content === undefined ? node : { ...node, content: mapNodes(node.content, change) }];
    });

  /** The local part is bounded as mail systems bound it, so that a long text without any address costs no more than its length. */
  const mail = /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+/g;
  const isMailLink = ({ type, attrs }) => type === 'link' && /^mailto:/i.test(String(attrs?.href));

  function hideMails(value, put = '[e-mail]') {
    const hidden = mapText(value, (words) => words.replace(mail, () => needString(put)));
    return isDoc(hidden) ? { ...hidden, content: dropMailLinks(hidden.content) } : hidden;
  }

  const dropMailLinks = (nodes) =>
    nodes.map((node) => {
      const { marks, ...rest } = node;
      const kept = marks?.filter((mark) => !isMailLink(mark)) ?? [];
      const bare = kept.length === (marks?.length ?? 0) ? node : kept.length === 0 ? rest : { ...rest, marks: kept };
      return bare.content === undefined ? bare : { ...bare, content: dropMailLinks(bare.content) };
    });

  function truncate(value, length, ending = '…') {
    const letters = [...needString(value)];
    const tail = [...needString(ending)];
    return letters.length <= length
      ? value
      : [...letters.slice(0, Math.max(0, length - tail.length)), ...tail].join('').trimEnd();
  }

  function isEmpty(value) {
    if (value === null || value === undefined || value === '') return true;
    if (isArray(value)) return value.length === 0;
    return isDoc(value) ? text(value).trim() === '' : false;
  }

  function combine(separator, ...parts) {
    return parts
      .map((part) => (typeof part === 'number' ? String(part) : text(part)))
      .filter((part) => part !== '')
      .join(needString(separator));
  }

  function addTo(replica, field, ...values) {
    needObject(replica)[field] = asSet([...(replica[field] ?? []), ...values.map(needString)]);
    return replica;
  }

  function removeFrom(replica, field, ...values) {
    return keepIn(replica, field, (value) => !values.includes(value));
  }

  function keepIn(replica, field, test) {
    if (isArray(needObject(replica)[field])) replica[field] = replica[field].filter((value) => test(value) === true);
    return replica;
  }

  const addLabels = (replica, ...labels) => addTo(replica, 'labels', ...labels);
  const removeLabels = (replica, ...labels) => removeFrom(replica, 'labels', ...labels);
  const keepLabels = (replica, test) => keepIn(replica, 'labels', test);
  const keepComments = (replica, test) => keepIn(replica, 'comments', test);

  function mapComments(replica, change) {
    if (isArray(needObject(replica).comments)) replica.comments = replica.comments.map((comment) => change(comment));
    return replica;
  }

  function mapValue(table, name, fallback = name) {
    return typeof name === 'string' && hasOwn(needObject(table), name) ? table[name] : fallback;
  }

  function same(one, other) {
    if (one === other) return true;
    if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
    if (isArray(one) !== isArray(other)) return false;
    const names = keys(one);
    return (
      names.length === keys(other).length && names.every((name) => hasOwn(other, name) && same(one[name], other[name]))
    );
  }

  function fieldChanged(previous, replica, name) {
    return !same(previous?.[name] ?? null, needObject(replica)[name] ?? null);
  }

  function changedFields(previous, replica) {
    const names = [...new Set([...keys(previous ?? {}), ...keys(needObject(replica))])];
    return names.filter((name) => fieldChanged(previous, replica, name)).sort(byCodeUnits);
  }

  function only(replica, ...fields) {
    for (const name of keys(needObject(replica))) if (!fields.includes(name)) delete replica[name];
    return replica;
  }

  function without(replica, ...fields) {
    for (const name of fields) delete needObject(replica)[name];
    return replica;
  }

  function nameOf(issue, account, fallback = '') {
    const people = needObject(issue).people ?? {};
    return typeof account === 'string' && hasOwn(people, account) ? people[account] : fallback;
  }

  // Days since 1970-01-01 of a date in the Gregorian calendar, and back; both are Howard Hinnant's `chrono` algorithms.
  const dayOf = (date) => {
    const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(needString(date)) ?? refuse('date');
    const y = Number(year) - (Number(month) <= 2 ? 1 : 0);
    const m = (Number(month) + 9) % 12;
    const era = Math.floor(y / 400);
    const ofEra = y - era * 400;
    const ofYear = Math.floor((153 * m + 2) / 5) + Number(day) - 1;
    return era * 146097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719468;
  };
  const pad = (number, width) => String(number).padStart(width, '0');
  const dateOf = (days) => {
    const z = days + 719468;
    const era = Math.floor(z / 146097);
    const day = z - era * 146097;
    const year = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36524) - Math.floor(day / 146096)) / 365);
    const ofYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
    const m = Math.floor((5 * ofYear + 2) / 153);
    const month = m < 10 ? m + 3 : m - 9;
    const full = year + era * 400 + (month <= 2 ? 1 : 0);
    return `${pad(full, 4)}-${pad(month, 2)}-${pad(ofYear - Math.floor((153 * m + 2) / 5) + 1, 2)}`;
  };

  function addDays(date, days) {
    return dateOf(dayOf(date) + (Number.isInteger(days) ? days : refuse('days')));
  }

  function daysBetween(from, to) {
    return dayOf(to) - dayOf(from);
  }

  function skip() {
    throw SKIP;
  }

  const helpers = {
    text,
    adf,
    append,
    prepend,
    mapText,
    hideMails,
    truncate,
    isEmpty,
    combine,
    addTo,
    removeFrom,
    keepIn,
    addLabels,
    removeLabels,
    keepLabels,
    keepComments,
    mapComments,
    mapValue,
    same,
    fieldChanged,
    changedFields,
    only,
    without,
    nameOf,
    addDays,
    daysBetween,
    skip,
  };
  for (const name of keys(helpers)) {
    defineProperty(globalThis, name, { value: helpers[name], writable: true, configurable: true, enumerable: false });
  }

  /** The names that a script may use, and the members of those that only hold functions; for the static check. */
  function names() {
    const members = {};
    for (const name of ['Math', 'JSON', 'Object', 'Number', 'String', 'Array', 'Reflect']) {
      members[name] = Object.getOwnPropertyNames(globalThis[name]);
    }
    return stringify({ globals: Object.getOwnPropertyNames(globalThis), members });
  }

  return { drive, describe, names };
})();
