// Dart's own WebSocket, one of three in a chat room:    dart room_client.dart ws://127.0.0.1:8467/ NAME
//
// Waits until three are there, says one thing, and prints what each of the three has said, in the order of the room.
import '../../examples/flutter/lib/json_socket.dart';

Future<void> main(List<String> arguments) async {
  final [url, name] = arguments;
  final socket = await JsonSocket.connect(url);
  socket.send({'type': 'join', 'name': name});
  final people = <Object?>{};
  var said = 0;
  await for (final dynamic message in socket.messages) {
    switch (message['type']) {
      case 'welcome':
        people.addAll([...message['members']]..remove(message['bot']));
      case 'joined':
        people.add(message['name']);
      case 'message':
        print('${message['seq']} ${message['from']}: ${message['text']}');
        if (++said == 3) await socket.close();
        continue;
      default:
        continue;
    }
    if (people.length == 3) socket.send({'type': 'say', 'text': '$name was here: ä€𐍈'});
  }
}
