# cmake -DOUT=file.cpp -DDIR=folder -P EmbedStories.cmake: the stories under data/stories as arrays of bytes.
file(GLOB files RELATIVE "${DIR}" "${DIR}/*.toml")
list(SORT files)
set(arrays "")
set(table "")
set(index 0)
foreach(name ${files})
  file(READ "${DIR}/${name}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "\\.toml$" "" story "${name}")
  string(APPEND arrays "constexpr unsigned char file_${index}[] = {${bytes}};\n")
  string(APPEND table "    std::pair<std::string_view, std::string_view>{\"${story}\", text(file_${index})},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUT}" "// Made by cmake/EmbedStories.cmake from data/stories; do not edit.
#include \"sim/story.hpp\"

#include <array>
#include <cstddef>
#include <utility>

namespace headroom::sim {
namespace {

${arrays}
template <std::size_t size>
std::string_view text(const unsigned char (&bytes)[size]) {
    return {reinterpret_cast<const char*>(bytes), size};
}

const std::array<std::pair<std::string_view, std::string_view>, ${index}>& stories() {
    static const std::array<std::pair<std::string_view, std::string_view>, ${index}> all{
${table}    };
    return all;
}

}  // namespace

std::optional<std::string_view> built_in_story(std::string_view name) {
    for (const auto& [known, toml] : stories()) {
        if (known == name) {
            return toml;
        }
    }
    return std::nullopt;
}

std::vector<std::string> built_in_stories() {
    std::vector<std::string> names;
    for (const auto& [known, toml] : stories()) {
        names.emplace_back(known);
    }
    return names;
}

}  // namespace headroom::sim
")
