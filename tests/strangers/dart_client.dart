// Dart's own WebSocket against our echo server, then the example, word by word:
//
//     dart dart_client.dart ws://127.0.0.1:8467/
import 'dart:async';
import 'dart:io';

import '../../examples/flutter/bin/echo.dart' as example;

const sizes = [0, 1, 125, 126, 65535, 65536, 4 * 1024 * 1024];

const printed = '''
a payload:     {action: greet, name: Zoë, age: 36, admin: false, address: {city: Zürich}}, from Zürich
numbers:       [3, 1.5, -7], of which 3 is the largest
strings:       one, two, three
maps:          1 of 2 left to do
bytes:         [222, 173, 190, 239]
closed with:   1000''';

void check(bool condition, String what) {
  if (!condition) throw what;
}

bool same(List<int> a, List<int> b) =>
    a.length == b.length && Iterable<int>.generate(a.length).every((i) => a[i] == b[i]);

Future<void> main(List<String> arguments) async {
  final url = arguments.single;
  final socket = await WebSocket.connect(url); // offers permessage-deflate, which is declined
  check(socket.extensions == '', 'an extension was accepted');
  final answers = StreamIterator<dynamic>(socket);
  for (final size in sizes) {
    final text = 'ä€𐍈.'.padRight(size, 'x').substring(0, size);
    socket.add(text);
    check(await answers.moveNext() && answers.current == text, 'text of $size came back wrong');
    final bytes = List.generate(size, (i) => i % 251);
    socket.add(bytes);
    check(await answers.moveNext() && same(answers.current, bytes), '$size bytes came back wrong');
  }
  unawaited(socket.close(4001, 'bye'));
  check(!await answers.moveNext() && socket.closeCode == 4001, 'closed with ${socket.closeCode}');

  final lines = <String>[];
  await runZoned(() => example.main([url]),
      zoneSpecification: ZoneSpecification(print: (self, parent, zone, line) => lines.add(line)));
  check(lines.join('\n') == printed, 'the example printed\n${lines.join('\n')}');
  print("Dart's WebSocket is content");
}
