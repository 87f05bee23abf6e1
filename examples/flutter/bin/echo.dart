/// Sends a few things to an echo server, and shows what comes back:    dart run bin/echo.dart ws://127.0.0.1:8467/
import 'dart:async';
import 'dart:io';

import '../lib/json_socket.dart';

Future<void> main(List<String> arguments) async {
  final url = arguments.isEmpty ? 'ws://127.0.0.1:8467/' : arguments.first;
  final socket = await JsonSocket.connect(url);
  final answers = StreamIterator(socket.messages);

  Future<Object?> answer() async => await answers.moveNext() ? answers.current : throw 'the server has gone';

  // A JSON payload: a map, with whatever JSON has inside.
  socket.send({'action': 'greet', 'name': 'Zoë', 'age': 36, 'admin': false, 'address': {'city': 'Zürich'}});
  final payload = await answer() as Map<String, dynamic>;
  print('a payload:     $payload, from ${payload['address']['city']}');

  // Lists: of numbers, of strings, of maps.
  socket.send([3, 1.5, -7]);
  final numbers = (await answer() as List).cast<num>();
  print('numbers:       $numbers, of which ${numbers.reduce((a, b) => a > b ? a : b)} is the largest');
  socket.send(['one', 'two', 'three']);
  print('strings:       ${(await answer() as List).join(', ')}');
  socket.send([
    {'id': 1, 'done': true},
    {'id': 2, 'done': false},
  ]);
  final tasks = (await answer() as List).cast<Map<String, dynamic>>();
  print('maps:          ${tasks.where((task) => !task['done']).length} of ${tasks.length} left to do');

  // Bytes: a binary message, with no JSON about it.
  socket.sendBytes([0xde, 0xad, 0xbe, 0xef]);
  print('bytes:         ${await answer()}');

  await socket.close();
  while (await answers.moveNext()) {} // up to the server's own Close
  print('closed with:   ${socket.closeCode}');
  if (socket.closeCode != WebSocketStatus.normalClosure) exitCode = 1;
}
