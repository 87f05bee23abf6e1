// How names and texts are shown. All that comes from other people becomes an element here, as text: the page never
// makes markup of what a stranger wrote.
'use strict';

const $ = id => document.getElementById(id);

function element(tag, class_name, content) {
  const made = document.createElement(tag);
  if (class_name) made.className = class_name;
  if (content !== undefined) made.textContent = content;
  return made;
}

// A browser that is told to keep nothing throws at the mere mention of its storage. The page then forgets, and works.
// `here` is this tab, through a reload; `everywhere` is every tab of this browser.
const here = storage_of('sessionStorage'), everywhere = storage_of('localStorage');

function storage_of(kind) {
  try {
    const storage = window[kind];
    storage.chat_probe = 1;
    storage.removeItem('chat_probe');
    return storage;
  } catch {
    const kept = {};
    Object.defineProperty(kept, 'removeItem', {value: name => { delete kept[name]; }});
    return kept;
  }
}

// Only for those who cannot see what has changed.
function tell_aloud(words) { $('told').textContent = words; }

// ---- A text ----

// A message's text with its links, code and mentions as elements. Everything is decided by these few patterns; what
// none of them takes stays text.
function body_of(text, me) {
  const body = element('div', 'text');
  body.dir = 'auto';
  // Odd parts are what the brackets caught: in a fence, the lines between ``` and ```; its language has no use here.
  const parts = text.split(/```(?:[\w+#-]*\n)?([^]*?)```\n?/);
  parts.forEach((part, i) => {
    if (i % 2) body.append(element('pre', '', part.replace(/\n$/, '')));
    else add_line_parts(body, part, me);
  });
  return body;
}

function add_line_parts(body, text, me) {
  text.split(/`([^`\n]+)`/).forEach((part, i) => {
    if (i % 2) body.append(element('code', '', part));
    else add_links(body, part, me);
  });
}

// Only what begins with http:// or https:// becomes a link, so no script hides in one. A page that is opened learns
// nothing about this one, and cannot reach back to it.
function add_links(body, text, me) {
  let rest = text;
  for (let found; (found = /https?:\/\/[^\s<>"]+/i.exec(rest));) {
    const url = without_punctuation(found[0]);
    add_mentions(body, rest.slice(0, found.index), me);
    body.append(is_link(url) ? link_to(url) : url);
    rest = rest.slice(found.index + url.length);
  }
  add_mentions(body, rest, me);
}

// What ends the sentence is not the link's. A closing bracket is the link's if it was opened in it:
// https://en.wikipedia.org/wiki/C_(programming_language) in (brackets, such as https://example.com/).
function without_punctuation(url) {
  // Counted once, and not for each letter: four thousand brackets are a message, too.
  const count = {};
  for (const c of '()[]{}') count[c] = url.split(c).length - 1;
  let end = url.length;
  for (; end > 0; --end) {
    const last = url[end - 1], opening = {')': '(', ']': '[', '}': '{'}[last];
    const loose = opening ? count[last] > count[opening] : '.,:;!?\'*_'.includes(last);
    if (!loose) break;
    if (opening) --count[last];
  }
  return url.slice(0, end);
}

// URL.canParse() would do, in browsers since 2023.
function is_link(text) {
  try {
    return Boolean(new URL(text).hostname);
  } catch {
    return false;
  }
}

function link_to(url) {
  const link = element('a', '', url);
  link.href = url;
  link.target = '_blank';
  link.rel = 'noopener noreferrer nofollow';
  return link;
}

function add_mentions(body, text, me) {
  const pattern = mention_of(me);
  if (!pattern) return body.append(text);
  text.split(pattern).forEach((part, i) => body.append(i % 2 ? element('mark', '', part) : part));
}

// My name as a word of its own, with or without @. A name of one letter would be found in every other sentence.
function mention_of(name) {
  if (!name) return null;
  const plain = name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const at = [...name].length > 1 ? '@?' : '@';
  try {
    return new RegExp(`(?<![\\p{L}\\p{N}_@])(${at}${plain})(?![\\p{L}\\p{N}_])`, 'iu');
  } catch {
    return null;   // Safari learned to look behind in 2023
  }
}

// ---- A name ----

// Seven hues that one can tell apart, and six shapes, for those who cannot. The name alone decides, so that it looks the
// same in everybody's window; only where somebody here has that hue or shape already, the next free one is taken.
const kHues = [28, 85, 145, 195, 250, 300, 350];
const kShapes = 6;
const looks = new Map();

function look_of(name) {
  if (!looks.has(name)) looks.set(name, choose_look(name));
  return looks.get(name);
}

function choose_look(name) {
  let hash = 7;
  for (const c of name) hash = Math.imul(hash ^ c.codePointAt(0), 0x01000193) >>> 0;
  const others = [...looks.values()];
  return {hue: least_used(hash % kHues.length, kHues.length, others.map(look => look.hue)),
          shape: least_used((hash >>> 12) % kShapes, kShapes, others.map(look => look.shape))};
}

// From `wanted` on, the first that no other one of so many is used less than.
function least_used(wanted, many, used) {
  const uses = Array(many).fill(0);
  for (const which of used) ++uses[which];
  while (uses[wanted] > Math.min(...uses)) wanted = (wanted + 1) % many;
  return wanted;
}

// The shape says nothing aloud: the name stands beside it.
function name_of(name, class_name) {
  const whole = element('bdi', class_name, name), look = look_of(name);
  const shape = element('span', `shape shape${look.shape}`);
  shape.setAttribute('aria-hidden', 'true');
  whole.prepend(shape);
  whole.style.setProperty('--hue', kHues[look.hue]);
  return whole;
}

// "Ada", "Ada and Bob", "Ada, Bob, Cleo and 37 others"
function list_of(names, most = 4) {
  const some = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} others`] : names;
  return some.length < 2 ? some.join() : `${some.slice(0, -1).join(', ')} and ${some[some.length - 1]}`;
}
