#include "app/story_choice.hpp"

#include <filesystem>
#include <fstream>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::string_view no_story = "none";
constexpr std::string_view plain_of = "cold_thursday";  ///< whose world a plain day is
constexpr std::size_t story_file_bytes_max = 1024UL * 1024;

Result<std::string> story_file_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text(story_file_bytes_max, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in.eof()) {
        return Error{Errc::invalid, "the story file " + path.string() +
                                        " cannot be read, or is longer than " +
                                        std::to_string(story_file_bytes_max) + " bytes"};
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

std::optional<std::filesystem::path> file_of(const std::string& name) {
    std::error_code ignored;
    for (const std::filesystem::path& path :
         {std::filesystem::path(name), std::filesystem::path("data/stories") / (name + ".toml")}) {
        if (std::filesystem::is_regular_file(path, ignored)) {
            return path;
        }
    }
    return std::nullopt;
}

}  // namespace

Result<sim::Story> find_story(const std::string& name) {
    const bool is_plain = name == no_story;
    if (const auto text = sim::built_in_story(is_plain ? plain_of : std::string_view(name))) {
        Result<sim::Story> story =
            sim::read_story(*text, is_plain ? std::string(plain_of) : name, name + " (built in)");
        return is_plain && story ? Result<sim::Story>(sim::plain_day(std::move(*story))) : std::move(story);
    }
    const std::optional<std::filesystem::path> file = file_of(name);
    if (!file) {
        std::string known(no_story);
        for (const std::string& each : sim::built_in_stories()) {
            known += ", " + each;
        }
        return Error{Errc::not_found, "there is no story '" + name + "'; there are " + known +
                                          ", or give the path of a file (docs/formats/story.md)"};
    }
    const Result<std::string> text = story_file_text(*file);
    if (!text) {
        return text.error();
    }
    return sim::read_story(*text, file->stem().string(), file->string());
}

Result<void> take_story(DemoCommand& command) {
    if (command.story.empty()) {
        return {};
    }
    Result<sim::Story> story = find_story(command.story);
    if (!story) {
        return story.error();
    }
    if (command.story == no_story) {  // a plain day may be of another size
        story->world.seed = command.has_seed ? command.seed : story->world.seed;
        if (command.has_feeders) {
            story->world.feeders = command.feeders;
            story->world.stresses.emplace();
        }
        if (command.has_hours) {
            story->end = story->start + milliseconds{static_cast<std::int64_t>(command.hours * 3'600'000.0)};
        }
    }
    story->world.story = story->name;
    command.seed = story->world.seed;
    command.feeders = story->world.feeders;
    command.ders = story->world.ders;
    command.told = std::move(*story);
    return {};
}

}  // namespace headroom::app
