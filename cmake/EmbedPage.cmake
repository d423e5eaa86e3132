# cmake -DOUT=file.cpp -DDIR=folder -P EmbedPage.cmake: the files of the first page as arrays of bytes.
file(GLOB files RELATIVE "${DIR}" "${DIR}/*.html" "${DIR}/*.js" "${DIR}/*.css" "${DIR}/*.svg")
list(SORT files)
set(arrays "")
set(table "")
set(index 0)
foreach(name ${files})
  file(READ "${DIR}/${name}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  if(name MATCHES "\\.html$")
    set(type "text/html; charset=utf-8")
  elseif(name MATCHES "\\.js$")
    set(type "text/javascript; charset=utf-8")
  elseif(name MATCHES "\\.css$")
    set(type "text/css; charset=utf-8")
  else()
    set(type "image/svg+xml")
  endif()
  string(APPEND arrays "constexpr unsigned char file_${index}[] = {${bytes}};\n")
  string(APPEND table "    PageFile{\"${name}\", \"${type}\", text(file_${index})},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUT}" "// Made by cmake/EmbedPage.cmake from src/api/page; do not edit.
#include \"api/routes.hpp\"

#include <array>
#include <cstddef>

namespace headroom::api {
namespace {

${arrays}
template <std::size_t size>
std::string_view text(const unsigned char (&bytes)[size]) {
    return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

const PageFile* page_file(std::string_view name) {
    static const std::array<PageFile, ${index}> files{
${table}    };
    for (const PageFile& file : files) {
        if (file.name == name) {
            return &file;
        }
    }
    return nullptr;
}

}  // namespace headroom::api
")
