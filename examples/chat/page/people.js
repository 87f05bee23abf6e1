// Who is in the room, and who is typing.
'use strict';

let room = 'Chat', bot = null, members = new Set();
const typists = new Map();   // names, and until when they count as typing

const same_name = (a, b) => a.toLowerCase() === b.toLowerCase();

function show_members() {
  const order = [...members].sort((a, b) => (b === me) - (a === me) || (a === bot) - (b === bot) ||
      a.localeCompare(b, undefined, {numeric: true}));
  $('people-title').textContent = `In the room:\u00a0${members.size}`;   // on a phone it breaks, but not there
  // The list is made anew; who had the focus in it keeps it.
  const focused = document.activeElement.closest('#members li');
  $('members').replaceChildren(...order.map(member_item));
  if (focused) {
    const same = [...$('members').children].find(item => item.dataset.name === focused.dataset.name);
    (same && same.querySelector('button') || text).focus();
  }
  show_typing();
}

function member_item(name) {
  const item = element('li'), who = element(name === me ? 'span' : 'button');
  item.dataset.name = name;
  who.append(name_of(name, 'who'));
  if (name === me) {
    who.append(' ', element('small', '', 'you'));
  } else {
    who.type = 'button';
    who.title = `Write to ${name} alone`;
    who.onclick = () => { address_to(name); text.focus(); };
  }
  item.append(who);
  return item;
}

function stop_typing(name) {
  typists.delete(name);
  show_typing();
}

function show_typing() {
  for (const [name, until] of typists) if (until < Date.now() || !inside) typists.delete(name);
  const names = [...typists.keys()];
  $('typing').textContent = names.length === 0 ? '' : names.length > 3 ? 'Several people are typing…' :
      `${list_of(names)} ${names.length === 1 ? 'is' : 'are'} typing…`;
}
setInterval(show_typing, 1000);
