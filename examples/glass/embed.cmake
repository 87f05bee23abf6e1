# cmake -DPAGE=glass.html -DSOURCE=glass_page.cpp -P embed.cmake: makes C++ of the page.
#
# A raw string ends at )page" and nowhere else, so the page stands in it as it is; in pieces that are put together when the
# program starts, since compilers need not take a literal of more than 65,536 characters.
file(READ ${PAGE} html)
string(REPLACE "\n</style>" "\n)page\" + R\"page(</style>" html "${html}")
string(REPLACE "\n// ---- " "\n)page\" + R\"page(// ---- " html "${html}")
file(WRITE ${SOURCE} "#include \"page.h\"\n\nconst std::string kGlassPage = std::string() + R\"page(${html})page\";\n")
