# cmake -DOUT=file.cpp -DDIR=folder -DASSETS=file.json -P EmbedScenarios.cmake: the scenarios of a folder and a set of assets as
# arrays of bytes.
file(GLOB files RELATIVE "${DIR}" "${DIR}/*.toml")
list(SORT files)
set(arrays "")
set(table "")
set(index 0)
function(bytes_of file out)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  set(${out} "${bytes}" PARENT_SCOPE)
endfunction()
foreach(name ${files})
  bytes_of("${DIR}/${name}" bytes)
  string(REGEX REPLACE "\\.toml$" "" id "${name}")
  string(APPEND arrays "constexpr unsigned char file_${index}[] = {${bytes}};\n")
  string(APPEND table "            {\"${id}\", text(file_${index})},\n")
  math(EXPR index "${index} + 1")
endforeach()
bytes_of("${ASSETS}" bytes)
file(WRITE "${OUT}" "// Made by cmake/EmbedScenarios.cmake from data/scenarios and data/assets; do not edit.
#include \"scenario/asset_set.hpp\"
#include \"scenario/scenario_file.hpp\"

#include <cstddef>

namespace headroom::scenario {
namespace {

${arrays}constexpr unsigned char assets[] = {${bytes}};

template <std::size_t size>
std::string_view text(const unsigned char (&bytes)[size]) {
    return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> predefined_texts() {
    return {
${table}    };
}

std::string_view built_in_asset_text() {
    return text(assets);
}

}  // namespace headroom::scenario
")
