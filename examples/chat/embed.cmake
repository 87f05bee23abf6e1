# cmake -DPAGE=chat.html -DSOURCE=chat_page.cpp -P embed.cmake: makes C++ of the page.
#
# A raw string ends at )page" and nowhere else, so the page stands in it as it is.
file(READ ${PAGE} html)
file(WRITE ${SOURCE} "#include \"page.h\"\n\nconst std::string_view kChatPage = R\"page(${html})page\";\n")
