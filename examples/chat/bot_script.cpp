// What the bot knows: words, and nothing else; bot.h says how to read the tables. Change them: the engine does
// not care which language this is, or what it is about.
#include "bot.h"

// The tables are read by their columns.
// clang-format off

namespace {

const std::map<std::string_view, std::string_view> kSpellings = {
    {"i'm",      "i am"},      {"im",     "i am"},     {"i've",    "i have"},   {"i'd",    "i would"},
    {"i'll",     "i will"},    {"you're", "you are"},  {"youre",   "you are"},  {"you've", "you have"},
    {"you'll",   "you will"},  {"dont",   "don't"},    {"cant",    "can't"},    {"cannot", "can't"},
    {"it's",     "it is"},     {"that's", "that is"},  {"what's",  "what is"},  {"who's",  "who is"},
    {"hi",       "hello"},     {"hey",    "hello"},    {"thank",   "thanks"},   {"yeah",   "yes"},
    {"nope",     "no"},        {"maybe",  "perhaps"},  {"dreamt",  "dreamed"},  {"dreams", "dream"},
    {"computers", "computer"}, {"machine", "computer"}, {"websockets", "websocket"}, {"rfc6455", "websocket"},
};

// "you ." is a "you" that ends the part: there it is an object.
// Simplification: inside a part it is taken for a subject. "They told you so" comes back as "they told I so".
const std::map<std::string_view, std::string_view> kReflections = {
    {"i",     "you"},      {"me",       "you"},      {"my",       "your"},   {"mine",      "yours"},
    {"am",    "are"},      {"i am",     "you are"},  {"i was",    "you were"}, {"myself",  "yourself"},
    {"you",   "I"},        {"you .",    "me"},       {"your",     "my"},     {"yours",     "mine"},
    {"am i",  "are you"},  {"you are",  "I am"},     {"you were", "I was"},  {"yourself",  "myself"},
    {"to you", "to me"},   {"with you", "with me"},  {"for you",  "for me"}, {"about you", "about me"},
    {"of you", "of me"},   {"are you",  "am I"},
};

const std::map<std::string_view, BotWords> kGroups = {
    {"family", {"mother", "mum", "mom", "father", "dad", "sister", "brother", "wife", "husband", "son",
                "daughter", "child", "children", "parents", "family", "cat", "dog"}},
    {"sad",    {"sad", "unhappy", "depressed", "tired", "sick", "lonely", "afraid", "angry", "bored"}},
    {"glad",   {"happy", "glad", "better", "excited", "proud", "fine", "well"}},
    {"belief", {"think", "believe", "feel", "wish", "suppose", "guess"}},
};

const std::vector<BotKeyword> kKeywords = {
    {"ping", 60, {
        {"ping",                  {"Pong.", "Pong again. Section 5.5.3 leaves me no choice."}}}},
    {"websocket", 50, {
        {"* what is * websocket *", {"A conversation that begins as HTTP and thinks better of it.",
                                   "Two ends, one TCP connection, and either may speak. It is all in RFC 6455."}},
        {"*",                     {"Do you come here to talk about WebSocket, or about what it carries?",
                                   "I live at the end of one. It is quiet between the frames.",
                                   "Which of its frames do you have in mind?"}}}},
    {"computer", 50, {
        {"*",                     {"Do computers worry you?", "Why do you mention computers?",
                                   "What do you think computers have to do with it?",
                                   "Do you mean me, in particular?"}}}},
    {"bot", 40, {
        {"* are you * bot *",     {"Would it matter to you if I were?", "What makes you ask whether I am one?"}},
        {"* you are * bot *",     {"Somebody has to be.", "You say it as if it were a bad thing."}}}},
    {"name", 30, {
        {"* your name *",         {"They call me Bot. It saves bytes.", "Names are for those who have a face."}},
        {"* my name is *",        {"I shall call you what the room calls you; /name changes that.",
                                   "(2) is a fine name. Who gave it to you?"}}}},
    {"sorry", 20, {
        {"*",                     {"There is no need to apologise.", "What do you feel when you apologise?",
                                   "Apologies are not necessary here."}}}},
    {"remember", 15, {
        {"* i remember *",        {"Do you often think of (2)?", "What else does (2) bring to mind?",
                                   "Why do you remember (2) just now?"}},
        {"* do you remember *",   {"Did you think I would forget (2)?", "What about (2)?",
                                   "I have a memory of five sentences. Was (2) among them?"}}}},
    {"dreamed", 14, {
        {"* i dreamed *",         {"Really, (2)?", "Have you ever thought (2) while you were awake?"}},
        {"*",                     {"=dream"}}}},
    {"dream", 13, {
        {"*",                     {"What does that dream suggest to you?", "Who appears in your dreams?",
                                   "Do you dream often?"}}}},
    {"if", 13, {
        {"* if *",                {"Do you think it likely that (2)?", "Do you wish that (2)?",
                                   "What would follow from it?"}}}},
    {"perhaps", 10, {
        {"*",                     {"You do not seem quite certain.", "Why the doubt?",
                                   "Can you not be surer than that?"}}}},
    {"hello", 10, {
        {"*",                     {"Hello. What is on your mind?", "How do you do? Tell me something.",
                                   "Hello again. Where were we?"}}}},
    {"thanks", 10, {
        {"*",                     {"You are welcome.", "It was nothing. Really: it was a table lookup."}}}},
    {"my", 9, {
        {"* my *",                {"Earlier you said: your (2).", "I am still thinking of this: your (2).",
                                   "Let us go back to what you said: your (2)."}, true},
        {"* my @family *",        {"Tell me more about your family.", "Who else in your family comes to mind?",
                                   "What else do you think of when you think of your (2)?"}},
        {"* my *",                {"Your (2)?", "Why do you say your (2)?",
                                   "Is it important to you that your (2)?"}}}},
    {"i", 5, {
        {"* i am * @sad *",       {"I am sorry to hear that you are (3).", "How long have you been (3)?",
                                   "Does it help to talk to me when one is (3)?"}},
        {"* i am * @glad *",      {"What makes you (3) just now?", "Have I helped you to be (3)?"}},
        {"* i am *",              {"Is it because you are (2) that you came to this room?",
                                   "How long have you been (2)?", "Do you enjoy being (2)?"}},
        {"* i want *",            {"What would it mean to you if you got (2)?", "Why do you want (2)?",
                                   "Suppose you got (2) soon. What then?"}},
        {"* i need *",            {"Why do you need (2)?", "Would it really help you to have (2)?"}},
        {"* i @belief i *",       {"Do you really (2) so?", "But you are not sure that you (3)?"}},
        {"* i don't *",           {"Do you not really (2)?", "Why do you not (2)?", "Do you wish you did?"}},
        {"* i can't *",           {"How do you know that you cannot (2)?", "Have you tried to (2)?"}},
        {"* i feel *",            {"Tell me more about such feelings.", "Do you often feel (2)?"}},
        {"* i * you *",           {"Perhaps, between us, we (2) each other.", "Do you (2) anybody else?"}},
        {"* i *",                 {"You say that you (2).", "Can you say more about that?",
                                   "Why do you think that you (2)?"}}}},
    {"you", 4, {
        {"* why don't you *",     {"Do you think that I should (2)?", "Perhaps I shall (2) in good time."}},
        {"* you remind me of *",  {"In what way?", "What do you see in common between me and (2)?"}},
        {"* are you *",           {"Why does it interest you whether I am (2)?",
                                   "Would you like it better if I were not (2)?"}},
        {"* you are *",           {"What makes you think that I am (2)?",
                                   "Does it please you to believe that I am (2)?"}},
        {"* can you *",           {"You believe that I can (2), do you not?",
                                   "Perhaps you would like to be able to (2)."}},
        {"* you * me",            {"Why do you think that I (2) you?", "What makes you think so?"}},
        {"* you *",               {"We were speaking of you, not of me.", "Oh, I (2)?",
                                   "Why do you say that of me?"}}}},
    {"everybody", 3, {
        {"*",                     {"Really, everybody?", "Of whom in particular are you thinking?"}}}},
    {"nobody", 3, {
        {"*",                     {"Really nobody? Nobody at all?", "Of whom in particular are you thinking?"}}}},
    {"always", 2, {
        {"*",                     {"Can you think of an example?", "When, for instance?", "Really always?"}}}},
    {"because", 2, {
        {"*",                     {"Is that the real reason?", "What other reasons come to mind?",
                                   "Does that reason explain anything else?"}}}},
    {"why", 1, {
        {"*",                     {"=what"}}}},
    {"what", 1, {
        {"*",                     {"Why do you ask?", "What answer would please you most?",
                                   "What comes to your own mind when you ask that?"}}}},
    {"how", 1, {
        {"*",                     {"=what"}}}},
    {"who", 1, {
        {"*",                     {"=what"}}}},
    {"yes", 0, {
        {"*",                     {"You seem quite sure.", "I see. Go on.", "You are certain, then."}}}},
    {"no", 0, {
        {"*",                     {"Are you saying no just to be contrary?", "Why not?",
                                   "You are being a little negative."}}}},
};

const std::vector<std::string_view> kGreetings = {
    "It is only you and me here. What is on your mind?",
    "Nobody else is here yet. We could talk, you and I.",
};

const std::vector<std::string_view> kOtherwise = {
    "Please go on.",
    "I am not sure I understand. Say it another way?",
    "What does that suggest to you?",
    "That is quite interesting.",
    "Can you give me an example?",
};

}  // namespace

// clang-format on

const BotScript& bot_script() {
  static const BotScript script = {kSpellings, kReflections, kGroups, kKeywords, kGreetings, kOtherwise};
  return script;
}
