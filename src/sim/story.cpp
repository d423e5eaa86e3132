#include "sim/story.hpp"

#include "core/reflect_schema.hpp"
#include "sim/story_file.hpp"
#include "sim/world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace headroom::sim {
namespace {

constexpr std::size_t story_bytes_max = 256UL * 1024;
constexpr double plain_loading = 0.8;
constexpr hours longest{72};

/// Minutes of "17:25"; nothing for anything else.
std::optional<int> minute_of_day(std::string_view text) {
    const auto digit = [&](std::size_t at) {
        return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -1;
    };
    if (text.size() != 5 || text[2] != ':') {
        return std::nullopt;
    }
    for (const std::size_t at : {0U, 1U, 3U, 4U}) {
        if (digit(at) < 0) {
            return std::nullopt;
        }
    }
    const int hour = digit(0) * 10 + digit(1);
    const int minute = digit(3) * 10 + digit(4);
    return hour < 24 && minute < 60 ? std::optional(hour * 60 + minute) : std::nullopt;
}

std::optional<grid::Phase> phase_of(std::string_view word) {
    for (const grid::Phase phase : {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum}) {
        if (grid::to_string(phase) == word) {
            return phase;
        }
    }
    return std::nullopt;
}

void read_clock(const story_file::Clock& clock, SettingsTree& tree, Story& story) {
    if (clock.from.time_since_epoch() % minutes{30} != milliseconds{0}) {
        tree.add_fault("/clock/from", "must be the begin of a half-hour");
    }
    for (const auto& [name, when] : {std::pair{"start", clock.start}, {"end", clock.end}}) {
        if (when.time_since_epoch() % minutes{1} != milliseconds{0}) {
            tree.add_fault(std::string("/clock/") + name, "must be a whole minute");
        }
    }
    if (clock.start < clock.from) {
        tree.add_fault("/clock/start", "is before `from`");
    }
    if (clock.end <= clock.start || clock.end - clock.from > longest) {
        tree.add_fault("/clock/end", "must be after `start` and at most 72 hours after `from`");
    }
    story.world.start = clock.from;
    story.start = clock.start;
    story.end = clock.end;
    story.speed = clock.speed;
}

void read_evening_peak(const story_file::EveningPeakTable& table, SettingsTree& tree, Story& story) {
    EveningPeak& peak = story.world.evening_peak;
    for (const auto& [name, text, minute] : {std::tuple{"begin", &table.begin, &peak.begin},
                                             {"full", &table.full, &peak.full},
                                             {"fades", &table.fades, &peak.fades},
                                             {"gone", &table.gone, &peak.gone}}) {
        const std::optional<int> local = minute_of_day(*text);
        if (!local || *local % 5 != 0) {
            tree.add_fault(
                std::string("/evening_peak/") + name,
                "must be a local time HH:MM on five minutes, such as 17:25, it is '" + *text + "'");
        }
        *minute = local.value_or(0);
    }
    peak.share = table.share;
    if (peak.begin > peak.full || peak.full > peak.fades || peak.fades > peak.gone) {
        tree.add_fault("/evening_peak/gone", "must come after fades, that after full, that after begin");
    }
}

void read_stresses(const std::vector<story_file::StressTable>& tables, SettingsTree& tree, Story& story) {
    story.world.stresses.emplace();
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const std::string pointer = "/stress/" + std::to_string(i);
        const std::optional<grid::Phase> phase = phase_of(tables[i].phase);
        if (!phase) {
            tree.add_fault(pointer + "/phase", "must be L1, L2, L3 or sum, it is '" + tables[i].phase + "'");
            continue;
        }
        WorldOptions alone = story.world;
        alone.evening_peak = {};
        alone.stresses = {ToldStress{tables[i].feeder, *phase, tables[i].peak_loading}};
        if (const Result<void> sound = check(alone); !sound) {
            tree.add_fault(pointer + "/feeder", sound.error().message);
            continue;
        }
        story.world.stresses->push_back(alone.stresses->front());
    }
}

void read_faults(const story_file::File& file, SettingsTree& tree, Story& story) {
    const std::vector<std::string> known = provider_ids();
    for (std::size_t i = 0; i < file.slow_provider.size(); ++i) {
        const story_file::SlowProviderTable& slow = file.slow_provider[i];
        if (std::find(known.begin(), known.end(), slow.provider) == known.end()) {
            std::string words;
            for (const std::string& id : known) {
                words += (words.empty() ? "" : ", ") + id;
            }
            tree.add_fault("/slow_provider/" + std::to_string(i) + "/provider",
                           "there is no provider " + slow.provider + "; there are " + words);
        }
        story.slow_providers.push_back({slow.provider, seconds{slow.answer_delay_s}});
    }
    for (const story_file::SilentDevice& silent : file.silent_device) {
        story.world.silent_from.push_back({silent.der, silent.from});
    }
}

SettingsTree make_tree() {
    const json::Value defaults = headroom::to_json(story_file::File{});
    return {json::Value(json_schema<story_file::File>()), *defaults.as_object()};
}

}  // namespace

StoryCheck check_story(std::string_view toml, const std::string& name, const std::string& file_name) {
    if (toml.size() > story_bytes_max) {
        return {std::nullopt,
                {{file_name, "", "is longer than " + std::to_string(story_bytes_max) + " bytes"}}};
    }
    SettingsTree tree = make_tree();
    tree.add_toml(toml, file_name);
    std::vector<Fault> faults;
    const std::optional<story_file::File> file = read_json<story_file::File>(tree.values(), faults);
    for (Fault& fault : faults) {
        tree.add_fault(fault.pointer, std::move(fault.detail));
    }
    if (!file || !tree.faults().empty()) {
        return {std::nullopt, tree.faults()};
    }
    Story story;
    story.name = name;
    story.title = file->title;
    story.summary = file->summary;
    story.fire_lead = minutes{file->procurement.fire_lead_minutes};
    story.world.seed = file->world.seed;
    story.world.feeders = static_cast<int>(file->world.feeders);
    story.world.hv_feeders = static_cast<int>(file->world.hv_feeders);
    story.world.ders = static_cast<int>(file->world.ders);
    story.world.history_days = static_cast<int>(file->world.history_days);
    story.world.outdoor_c = file->world.outdoor_c;
    story.world.silent_ppm = 0;  // only who is named
    read_clock(file->clock, tree, story);
    read_evening_peak(file->evening_peak, tree, story);
    if (tree.faults().empty()) {
        read_stresses(file->stress, tree, story);
        read_faults(*file, tree, story);
    }
    if (tree.faults().empty()) {
        if (const Result<void> sound = check(story.world); !sound) {
            tree.add_fault("/world", sound.error().message);
        }
    }
    if (!tree.faults().empty()) {
        return {std::nullopt, tree.faults()};
    }
    return {std::move(story), {}};
}

Result<Story> read_story(std::string_view toml, const std::string& name, const std::string& file) {
    StoryCheck checked = check_story(toml, name, file);
    if (checked.story) {
        return std::move(*checked.story);
    }
    std::string message;
    for (const SettingsFault& fault : checked.faults) {
        message += (message.empty() ? "" : "\n") + fault.sentence();
    }
    return Error{Errc::invalid, std::move(message), ""};
}

Story plain_day(Story story) {
    story.name = "none";
    story.title = "A plain day";
    story.summary =
        "The same town and weather; nothing is overloaded, and every device and provider answers.";
    if (story.world.stresses) {
        for (ToldStress& stress : *story.world.stresses) {
            stress.peak_loading = std::min(stress.peak_loading, plain_loading);
        }
    }
    story.world.silent_from.clear();
    story.slow_providers.clear();
    return story;
}

}  // namespace headroom::sim
