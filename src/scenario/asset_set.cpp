#include "scenario/asset_set.hpp"

#include "core/ids.hpp"
#include "scenario/asset_fields.hpp"
#include "scenario/asset_import.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace headroom::scenario {

/// The file as it is written.
struct AssetFile {
    std::string format;
    std::string name;
    std::string title;
    std::string source;
    bool illustrative = false;
    std::vector<std::string> places;
    std::vector<Asset> assets;
};

}  // namespace headroom::scenario

namespace headroom {

template <>
struct Fields<scenario::AssetFile> {
    using T = scenario::AssetFile;
    static constexpr std::string_view name = "AssetFile";
    static constexpr auto table =
        field_table(field("format", &T::format, "headroom-assets/1.", {.minimum = 1, .maximum = 32}),
                    field("name", &T::name, "Of the set.", {.minimum = 1, .maximum = 64}),
                    field("title", &T::title, "What people call it.", {.maximum = 200, .required = false}),
                    field("source", &T::source, "Where the data come from.", {.minimum = 1, .maximum = 300}),
                    field("illustrative", &T::illustrative, "Made up to be plausible.", {.required = false}),
                    field("places", &T::places, "The places of every asset that names none.",
                          {.maximum = 32, .required = false}),
                    field("assets", &T::assets, "The assets.",
                          {.minimum = 1, .maximum = static_cast<double>(scenario::asset_set_assets_max)}));
};

}  // namespace headroom

namespace headroom::scenario {
namespace {

constexpr std::size_t place_bytes_max = 120;

Error as_error(const std::string& file, const std::vector<Fault>& faults) {
    Error fault = reflect_detail::as_error("list of assets", faults);
    fault.message = file + " is " + fault.message;
    return fault;
}

AssetSet set_of(AssetFile file) {
    AssetSet set{.name = std::move(file.name),
                 .title = std::move(file.title),
                 .source = std::move(file.source),
                 .illustrative = file.illustrative,
                 .assets = std::move(file.assets),
                 .notes = {}};
    for (Asset& asset : set.assets) {
        if (asset.places.empty()) {
            asset.places = file.places;
        }
        if (asset.source.empty()) {
            asset.source = set.source;
        }
        asset.illustrative = asset.illustrative || set.illustrative;
    }
    return set;
}

using Places = std::unordered_map<std::string_view, std::size_t>;

/// Whether somebody is fed, over however many steps, by himself. Feeds are followed once.
bool is_fed_in_a_circle(const std::vector<Asset>& assets, const Places& where, std::size_t& culprit) {
    enum class Mark : std::uint8_t { fresh, open, closed };
    std::vector<Mark> marks(assets.size(), Mark::fresh);
    std::vector<std::pair<std::size_t, std::size_t>> stack;  // asset, next of its feeds
    for (std::size_t root = 0; root < assets.size(); ++root) {
        if (marks[root] != Mark::fresh) {
            continue;
        }
        marks[root] = Mark::open;
        stack.emplace_back(root, 0);
        while (!stack.empty()) {
            auto& [at, next] = stack.back();
            if (next == assets[at].feeds.size()) {
                marks[at] = Mark::closed;
                stack.pop_back();
                continue;
            }
            const auto fed = where.find(assets[at].feeds[next++]);
            if (fed == where.end()) {
                continue;
            }
            if (marks[fed->second] == Mark::open) {
                culprit = fed->second;
                return true;
            }
            if (marks[fed->second] == Mark::fresh) {
                marks[fed->second] = Mark::open;
                stack.emplace_back(fed->second, 0);
            }
        }
    }
    return false;
}

void check_history(const History& history, const std::string& at, std::vector<Fault>& faults) {
    if (history.start != floor_period(history.start)) {
        faults.push_back({at + "/start", "must be the start of a half-hour"});
    }
    for (const auto& [name, rows] : {std::pair{"temperature_c", &history.temperature_c},
                                     {"radiation_w_per_m2", &history.radiation_w_per_m2}}) {
        if (!rows->empty() && rows->size() != history.load_kw.size()) {
            faults.push_back({at + "/" + name, "must be as long as load_kw, or empty"});
        }
    }
}

void check_links(const Asset& asset, const std::string& at, const Places& where, std::vector<Fault>& faults) {
    for (std::size_t i = 0; i < asset.feeds.size() && faults.size() < faults_max; ++i) {
        if (!where.contains(asset.feeds[i])) {
            faults.push_back({at + "/feeds/" + std::to_string(i), "names no asset: " + asset.feeds[i]});
        }
    }
    for (std::size_t i = 0; i < asset.open_points.size() && faults.size() < faults_max; ++i) {
        const std::string& to = asset.open_points[i].to;
        if (!where.contains(to) || to == asset.id) {
            faults.push_back({at + "/open_points/" + std::to_string(i) + "/to",
                              to == asset.id ? "leads back to the asset itself" : "names no asset: " + to});
        }
    }
}

std::string plain_place(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, place_bytes_max)) {
        const bool is_blank = c == ' ' || c == '\t' || c == '_' || c == '-';
        if (is_blank) {
            if (!out.empty() && out.back() != ' ') {
                out += ' ';
            }
        } else {
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    while (!out.empty() && out.back() == ' ') {
        out.pop_back();
    }
    for (const std::string_view country : {", uk", ", united kingdom", ", england", ", gb"}) {
        if (out.size() > country.size() && out.ends_with(country)) {
            out.resize(out.size() - country.size());
        }
    }
    return out;
}

}  // namespace

void check_assets(const std::vector<Asset>& assets, const std::string& pointer, std::vector<Fault>& faults) {
    Places where;
    for (std::size_t i = 0; i < assets.size() && faults.size() < faults_max; ++i) {
        const std::string at = pointer + "/" + std::to_string(i);
        if (!is_valid_id(assets[i].id)) {
            faults.push_back({at + "/id", "must be letters, digits, '.', '_' and '-', at most 64"});
        } else if (!where.emplace(assets[i].id, i).second) {
            faults.push_back({at + "/id", "stands twice: " + assets[i].id});
        }
        if (!(assets[i].capacity_kw > 0.0)) {
            faults.push_back({at + "/capacity_kw", "must be above 0"});
        }
        if (assets[i].history) {
            check_history(*assets[i].history, at + "/history", faults);
        }
    }
    for (std::size_t i = 0; i < assets.size() && faults.size() < faults_max; ++i) {
        check_links(assets[i], pointer + "/" + std::to_string(i), where, faults);
    }
    std::size_t culprit = 0;
    if (faults.empty() && is_fed_in_a_circle(assets, where, culprit)) {
        faults.push_back({pointer + "/" + std::to_string(culprit) + "/feeds", "feeds itself in a circle"});
    }
}

Result<AssetSet> read_asset_set(std::string_view text, const std::string& file) {
    const Result<json::Value> parsed = json::parse(text, {.bytes = asset_set_bytes_max, .depth = 32});
    if (!parsed) {
        return Error{Errc::invalid, file + ": " + parsed.error().message, parsed.error().pointer};
    }
    if (parsed->text("/format") != asset_set_format) {
        return import_assets(*parsed, file);
    }
    std::vector<Fault> faults;
    std::optional<AssetFile> read = read_json<AssetFile>(*parsed, faults);
    if (!read) {
        return as_error(file, faults);
    }
    AssetSet set = set_of(std::move(*read));
    check_assets(set.assets, "/assets", faults);
    if (!faults.empty()) {
        return as_error(file, faults);
    }
    return set;
}

std::string write_asset_set(const AssetSet& set) {
    json::Array assets;
    assets.reserve(set.assets.size());
    for (const Asset& asset : set.assets) {
        assets.push_back(headroom::to_json(asset));
    }
    return json::write(json::Object{{"format", asset_set_format},
                                    {"name", set.name},
                                    {"title", set.title},
                                    {"source", set.source},
                                    {"illustrative", set.illustrative},
                                    {"places", json::Array{}},
                                    {"assets", std::move(assets)}});
}

const AssetSet& built_in_assets() {
    static const AssetSet set = [] {
        Result<AssetSet> read = read_asset_set(built_in_asset_text(), "london.json");
        HEADROOM_ASSERT(read.has_value());  // a test reads it
        return std::move(*read);
    }();
    return set;
}

std::vector<Asset> assets_at(const AssetSet& set, std::string_view place) {
    const std::string wanted = plain_place(place);
    std::vector<Asset> out;
    std::unordered_set<std::string> ids;
    for (const Asset& asset : set.assets) {
        const bool is_there = !wanted.empty() &&
                              std::any_of(asset.places.begin(), asset.places.end(),
                                          [&](const std::string& one) { return plain_place(one) == wanted; });
        if (is_there) {
            ids.insert(asset.id);
            out.push_back(asset);
        }
    }
    for (Asset& asset : out) {
        std::erase_if(asset.feeds, [&](const std::string& id) { return !ids.contains(id); });
        std::erase_if(asset.open_points, [&](const OpenPoint& point) { return !ids.contains(point.to); });
    }
    return out;
}

std::vector<std::string> places_of(const AssetSet& set) {
    std::vector<std::string> out;
    std::unordered_set<std::string_view> known;
    for (const Asset& asset : set.assets) {
        for (const std::string& place : asset.places) {
            if (known.insert(place).second) {
                out.push_back(place);
            }
        }
    }
    return out;
}

}  // namespace headroom::scenario
