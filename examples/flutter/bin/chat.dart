/// A client of the chat room, which comes back by itself:    dart run bin/chat.dart ws://127.0.0.1:8467/ Ada
///
/// Each line of the input is said; what everybody says is printed. The protocol is in ../chat/README.md.
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:math';

import '../lib/lasting_socket.dart';

Future<void> main(List<String> arguments) async {
  final [url, name] = arguments;
  // What a client that comes back has to say: which secret makes the name its own, and what it has seen.
  final key = '${Random.secure().nextInt(1 << 32)}-${Random.secure().nextInt(1 << 32)}';
  String? epoch;
  num seen = 0;

  final room = LastingSocket(
    url,
    onOpen: (send) => send({
      'type': 'join',
      'name': name,
      'key': key,
      if (epoch != null) ...{'epoch': epoch, 'after': seen},
    }),
    onLost: (why, wait) => print('* The connection is lost. Next try in ${(wait.inMilliseconds / 1000).ceil()} s.'),
  );

  final input = stdin.transform(utf8.decoder).transform(const LineSplitter()).listen(
    (line) {
      if (!room.send({'type': 'say', 'text': line})) print('! There is no connection: "$line" was not said.');
    },
    onDone: room.close,
  );

  await for (final dynamic message in room.messages) {
    switch (message['type']) {
      case 'welcome':
        print(message['epoch'] == epoch ? '* Back in the room.' : '* In the room: ${message['members'].join(', ')}.');
        epoch = message['epoch'];
        message['history'].forEach(show);
        seen = message['seq'];
      case 'error' when epoch == null: // not let in
        show(message);
        await room.close();
      default:
        seen = message['seq'] ?? seen;
        show(message);
    }
  }
  await input.cancel();
}

// A stranger's text must not command the terminal, nor pass for a line of its own.
String clean(Object? text) => '$text'.replaceAll(RegExp(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]'), ' ');

void show(dynamic message) {
  final from = clean(message['from']), text = clean(message['text']), name = clean(message['name']);
  switch (message['type']) {
    case 'message':
      print('<$from> $text');
    case 'action':
      print('* <$from> $text');
    case 'private':
      print('[$from -> ${clean(message['to'])}] $text');
    case 'joined':
      print('* <$name> has come in.');
    case 'left':
      print('* <$name> has left.');
    case 'renamed':
      print('* <$from> is now <$name>.');
    case 'info':
      print('* $text');
    case 'error':
      print('! $text');
  }
}
