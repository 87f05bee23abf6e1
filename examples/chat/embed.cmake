# cmake -DPAGE=chat.html -DSOURCE=chat_page.cpp -P embed.cmake: makes C++ of the page.
#
# What the page refers to beside itself, its style and its scripts, is put in where the reference stands. NONCE is where
# the server puts a response's nonce, see page.cpp.
#
# A raw string ends at )page" and nowhere else, so the page stands in it as it is.
cmake_path(GET PAGE PARENT_PATH folder)
file(READ ${PAGE} html)

string(REGEX MATCHALL "<link rel=\"stylesheet\" href=\"[^\"]+\">" styles "${html}")
foreach(reference ${styles})
  string(REGEX REPLACE ".*href=\"(.*)\">" "\\1" file "${reference}")
  file(READ ${folder}/${file} content)
  string(REPLACE "${reference}" "<style nonce=\"NONCE\">\n${content}</style>" html "${html}")
endforeach()

string(REGEX MATCHALL "<script src=\"[^\"]+\"></script>" scripts "${html}")
foreach(reference ${scripts})
  string(REGEX REPLACE ".*src=\"(.*)\"></script>" "\\1" file "${reference}")
  file(READ ${folder}/${file} content)
  string(REPLACE "${reference}" "<script nonce=\"NONCE\">\n${content}</script>" html "${html}")
endforeach()
# The scripts one after the other are one: between two of them the browser may tell the page that it has the focus, and
# the first would already ask for what only the second declares.
string(REPLACE "</script>\n<script nonce=\"NONCE\">\n" "\n" html "${html}")

file(WRITE ${SOURCE} "#include \"page.h\"\n\nconst std::string_view kChatPage = R\"page(${html})page\";\n")
