// Texts in UTF-8 at the edges of its grammar (RFC 3629 section 4), for the validator and for all that use it.
#pragma once

#include <cstddef>

struct ValidText {
  const char* bytes;
  const char* meaning;
};

// Noncharacters are valid: UTF-8 encodes code points, whatever they are for.
inline constexpr ValidText kValidTexts[] = {
    {"00", "U+0000"},
    {"7f", "U+007F"},
    {"c2 80", "U+0080"},
    {"df bf", "U+07FF"},
    {"e0 a0 80", "U+0800"},
    {"e0 bf bf", "U+0FFF"},
    {"e1 80 80", "U+1000"},
    {"ec bf bf", "U+CFFF"},
    {"ed 80 80", "U+D000"},
    {"ed 9f bf", "U+D7FF"},
    {"ee 80 80", "U+E000"},
    {"ef bf bd", "U+FFFD"},
    {"ef bf be", "U+FFFE, a noncharacter"},
    {"ef bf bf", "U+FFFF, a noncharacter"},
    {"ef b7 90", "U+FDD0, a noncharacter"},
    {"ef b7 af", "U+FDEF, a noncharacter"},
    {"ef bf b9 ef bf ba ef bf bb ef bf bc", "U+FFF9 to U+FFFC"},
    {"f0 9f bf be f0 9f bf bf f0 af bf be f0 af bf bf", "U+1FFFE to U+2FFFF, four noncharacters"},
    {"f0 90 80 80", "U+10000"},
    {"f0 bf bf bf", "U+3FFFF"},
    {"f1 80 80 80", "U+40000"},
    {"f3 bf bf bf", "U+FFFFF"},
    {"f4 80 80 80", "U+100000"},
    {"f4 8f bf be", "U+10FFFE, a noncharacter"},
    {"f4 8f bf bf", "U+10FFFF"},
    {"ce ba e1 bd b9 cf 83 ce bc ce b5", "U+03BA U+1F79 U+03C3 U+03BC U+03B5, a Greek word"},
    {"48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4 c3 bc c3 a0 c3 a1 2d 55 54 46 2d 38 21 21",
     "22 characters of one and two bytes"},
    {"ef bb bf 61", "U+FEFF U+0061: a byte order mark is data"},
};

struct InvalidText {
  const char* bytes;
  std::size_t at;  // the index of the first byte that no valid text can have there
  const char* why;
};

// So far all is in order, but the text ends inside a character.
inline constexpr std::size_t kEnd = static_cast<std::size_t>(-1);

inline constexpr InvalidText kInvalidTexts[] = {
    {"80", 0, "lone continuation"},
    {"bf", 0, "lone continuation"},
    {"61 80", 1, "lone continuation after text"},
    {"80 bf 80 bf 80 bf", 0, "continuations alone"},
    {"c0 20 c1 20", 0, "first bytes alone"},
    {"df 20 c2 20", 1, "first bytes alone, of two"},
    {"e0 20 ef 20", 1, "first bytes alone, of three"},
    {"f0 20 f4 20", 1, "first bytes alone, of four"},
    {"f8 20 fb 20", 0, "first bytes alone, of the five there once were"},
    {"fc 20 fd 20", 0, "first bytes alone, of six"},
    {"c0 80", 0, "overlong U+0000"},
    {"c0 af", 0, "overlong \"/\""},
    {"c1 bf", 0, "overlong U+007F"},
    {"e0 80 80", 1, "overlong"},
    {"e0 80 af", 1, "overlong \"/\""},
    {"e0 9f bf", 1, "overlong U+07FF"},
    {"f0 80 80 80", 1, "overlong"},
    {"f0 80 80 af", 1, "overlong \"/\""},
    {"f0 8f bf bf", 1, "overlong U+FFFF"},
    {"f8 80 80 80 af", 0, "overlong \"/\" in five bytes"},
    {"fc 80 80 80 80 af", 0, "overlong \"/\" in six"},
    {"f8 87 bf bf bf", 0, "overlong U+1FFFFF"},
    {"fc 83 bf bf bf bf", 0, "overlong U+3FFFFFF"},
    {"ed a0 80", 1, "surrogate U+D800"},
    {"ed ad bf", 1, "surrogate U+DB7F"},
    {"ed ae 80", 1, "surrogate U+DB80"},
    {"ed af bf", 1, "surrogate U+DBFF"},
    {"ed b0 80", 1, "surrogate U+DC00"},
    {"ed be 80", 1, "surrogate U+DF80"},
    {"ed bf bf", 1, "surrogate U+DFFF"},
    {"ed a0 80 ed b0 80", 1, "surrogate pair (CESU-8)"},
    {"ed ad bf ed b0 80", 1, "surrogate pair"},
    {"ed af bf ed bf bf", 1, "surrogate pair, the last"},
    {"f4 90 80 80", 1, "U+110000"},
    {"f5 80 80 80", 0, "above U+10FFFF"},
    {"f7 bf bf bf", 0, "above U+10FFFF"},
    {"f8 88 80 80 80", 0, "5-byte form"},
    {"fc 84 80 80 80 80", 0, "6-byte form"},
    {"fb bf bf bf bf", 0, "5-byte form, the last"},
    {"fd bf bf bf bf bf", 0, "6-byte form, the last"},
    {"fe", 0, "never used"},
    {"ff", 0, "never used"},
    {"fe fe ff ff", 0, "never used"},
    {"c2 7f", 1, "continuation missing"},
    {"c2 c0", 1, "continuation missing"},
    {"df 41", 1, "continuation missing"},
    {"e1 80 7f", 2, "continuation missing"},
    {"e1 7f 80", 1, "continuation missing"},
    {"f1 80 80 7f", 3, "continuation missing"},
    {"f1 80 7f 80", 2, "continuation missing"},
    {"c3 28", 1, "continuation missing"},
    {"c2", kEnd, "truncated"},
    {"df", kEnd, "truncated"},
    {"e0 a0", kEnd, "truncated"},
    {"e1", kEnd, "truncated"},
    {"ed 9f", kEnd, "truncated"},
    {"ef bf", kEnd, "truncated"},
    {"f0 90 80", kEnd, "truncated"},
    {"f4 8f bf", kEnd, "truncated"},
    {"f4", kEnd, "truncated"},
    {"c3 b0 e0 a0 c3 b0", 4, "a character's beginning, then another character"},
    {"ce ba e1 bd b9 cf 83 ce bc ce", kEnd, "a Greek word truncated"},
    {"ce ba e1", kEnd, "a Greek word truncated"},
    {"ce ba e1 bd", kEnd, "a Greek word truncated"},
    {"ce ba e1 bd b9 cf", kEnd, "a Greek word truncated"},
    {"ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64", 12, "a Greek word, surrogate, \"edited\""},
    {"ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90 80 80 65 64 69 74 65 64", 12, "a Greek word, U+110000, \"edited\""},
};
