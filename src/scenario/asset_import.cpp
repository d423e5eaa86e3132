#include "scenario/asset_import.hpp"

#include "core/ids.hpp"
#include "scenario/asset_fields.hpp"
#include "scenario/asset_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace headroom::scenario {
namespace {

/// Power of a panel of one square metre, where a solar farm says no more than its area (200 W/m², the
/// efficiency of common modules).
constexpr double solar_kw_per_m2 = 0.2;
/// A charging station of which only the number is known: a 22 kW post.
constexpr double post_kw = 22.0;
constexpr std::size_t place_max = 120;
using import_words::cut;
using import_words::number;
using import_words::text;
using import_words::text_max;
using import_words::type_of;

/// One list of assets and the type that its place in the file says.
struct Listed {
    const json::Array* items = nullptr;
    std::string pointer;
    std::string type;
    bool is_geojson = false;
};

std::vector<Listed> lists_in(const json::Value& file) {
    std::vector<Listed> out;
    if (file.as_array() != nullptr) {
        out.push_back({file.as_array(), "", "", false});
    } else if (file.as_object() != nullptr) {
        const bool is_geojson = file.text("/type") == "FeatureCollection";
        for (const auto& [name, member] : file.as_object()->members()) {
            const json::Array* items = member.as_array();
            const bool is_list = items != nullptr && !items->empty() && items->front().is_object();
            const bool is_named = name == "assets" || (is_geojson && name == "features") || type_of(name);
            if (is_list && is_named) {
                out.push_back({items, "/" + json::escape_pointer(name), name.str(), is_geojson});
            }
        }
    }
    return out;
}

class Importer {
  public:
    explicit Importer(const std::string& name) {
        set_.name = to_id(name);
        set_.title = cut(name, text_max);
        set_.source = "file " + cut(name, text_max);
    }

    void read(const Listed& list, const std::vector<std::string>& places) {
        for (std::size_t i = 0; i < list.items->size() && faults_.size() < faults_max; ++i) {
            read_one((*list.items)[i], list, list.pointer + "/" + std::to_string(i), places);
        }
    }

    Result<AssetSet> finish() {
        if (faults_.empty() && set_.assets.empty()) {
            faults_.push_back({"", "lists no assets"});
        }
        if (faults_.empty()) {
            link();
            std::vector<Fault> left;
            check_assets(set_.assets, "/assets", left);
            for (Fault& fault : left) {
                const std::size_t end = fault.pointer.find('/', 8);
                const std::size_t index = std::stoul(fault.pointer.substr(8, end - 8));
                fault.pointer =
                    pointers_[index] + (end == std::string::npos ? "" : fault.pointer.substr(end));
                faults_.push_back(std::move(fault));
            }
        }
        if (!faults_.empty()) {
            Error fault = reflect_detail::as_error("list of assets", faults_);
            fault.message = set_.title + " is " + fault.message;
            return fault;
        }
        return std::move(set_);
    }

  private:
    void fault(const std::string& at, std::string why) { faults_.push_back({at, std::move(why)}); }
    void note(std::string what) {
        if (set_.notes.size() < asset_notes_max) {
            set_.notes.push_back(std::move(what));
        }
    }

    void read_one(const json::Value& item, const Listed& list, const std::string& at,
                  const std::vector<std::string>& places) {
        const json::Value* inner = list.is_geojson ? item.get("properties") : &item;
        if (inner == nullptr || !inner->is_object()) {
            return fault(at, "must be an object");
        }
        const json::Value& from = *inner;
        Asset asset;
        const std::string id = text(from, {"id", "asset_id", "code"});
        asset.name = text(from, {"name", "title", "label"});
        const std::string named = id.empty() ? asset.name : id;
        if (named.empty()) {
            return fault(at + "/id", "is missing, and there is no name either");
        }
        asset.id = to_id(named);
        asset.source_ref = asset.id == named ? "" : named;
        asset.name = asset.name.empty() ? named : asset.name;
        asset.type = read_type(from, list, asset.name);
        read_place(item, from, list.is_geojson, at, asset);
        read_kind(from, at, asset);
        read_capacity(from, at, asset);
        asset.criticality = import_words::criticality_of(from);
        asset.places = read_places(from, places);
        read_links(from, at, asset);
        asset.source = set_.source;
        pointers_.push_back(at);
        set_.assets.push_back(std::move(asset));
    }

    AssetType read_type(const json::Value& from, const Listed& list, const std::string& name) {
        const std::string word = text(from, {"type", "asset_type", "kind", "category"});
        const std::optional<AssetType> said = type_of(word.empty() ? list.type : word);
        if (!said) {
            note(name + ": its type '" + word + "' is none known here, it counts as other");
        }
        return said.value_or(AssetType::other);
    }

    void read_place(const json::Value& item, const json::Value& from, bool is_geojson, const std::string& at,
                    Asset& asset) {
        std::optional<double> lat = number(from, {"lat", "latitude"});
        std::optional<double> lon = number(from, {"lon", "lng", "long", "longitude"});
        for (const char* name : {"location", "coordinates", "position", "geopoint"}) {
            const json::Value* place = from.get(name);
            if (place == nullptr || lat) {
                continue;
            }
            lat = number(*place, {"lat", "latitude"});
            lon = number(*place, {"lon", "lng", "longitude"});
            if (place->as_array() != nullptr && place->as_array()->size() == 2) {
                lat = place->at("/0")->as_double();
                lon = place->at("/1")->as_double();
            }
        }
        if (is_geojson) {
            const json::Value* point = item.at("/geometry/coordinates");
            if (point != nullptr && point->as_array() != nullptr && point->as_array()->size() >= 2) {
                lon = point->at("/0")->as_double();
                lat = point->at("/1")->as_double();
            }
        }
        if (!lat || !lon || std::abs(*lat) > 90.0 || std::abs(*lon) > 180.0) {
            return fault(at + "/lat", !lat || !lon ? "is missing, or lon is" : "is out of range, or lon is");
        }
        asset.lat = *lat;
        asset.lon = *lon;
    }

    /// A number within bounds, or a fault under its own name.
    double bounded(const json::Value& from, const char* name, double max, const std::string& at) {
        const json::Value* found = from.get(name);
        if (found == nullptr || found->is_null()) {
            return 0.0;
        }
        const double value = found->as_double().value_or(-1.0);
        if (!(value >= 0.0 && value <= max)) {
            fault(at + "/" + name, fmt::format("must be a number from 0 to {}", max));
            return 0.0;
        }
        return value;
    }

    void read_kind(const json::Value& from, const std::string& at, Asset& asset) {
        asset.num_charging_stations =
            static_cast<std::int64_t>(bounded(from, "num_charging_stations", 100'000.0, at));
        asset.charger_kw = bounded(from, "charger_kw", asset_kw_max, at);
        asset.surface_area_m2 = bounded(from, "surface_area_m2", asset_area_m2_max, at);
        asset.peak_kw = bounded(from, "peak_kw", asset_kw_max, at);
        asset.solar_kw = bounded(from, "solar_kw", asset_kw_max, at);
        asset.energy_kwh = bounded(from, "energy_kwh", 1e8, at);
        if (const std::optional<double> mwh = number(from, {"energy_mwh"}); mwh && asset.energy_kwh == 0.0) {
            asset.energy_kwh = std::clamp(*mwh * 1000.0, 0.0, 1e8);
        }
        if (const json::Value* zone = from.get("flood_zone"); zone != nullptr && !zone->is_null()) {
            const std::optional<int> read = import_words::flood_zone_of(*zone);
            if (!read) {
                fault(at + "/flood_zone", "must be 1, 2 or 3");
            }
            asset.flood_zone = read.value_or(0);
        }
    }

    void read_capacity(const json::Value& from, const std::string& at, Asset& asset) {
        std::optional<double> kw = number(
            from, {"capacity_kw", "rating_kw", "rated_power_kw", "capacity_kva", "rating_kva", "power_kw"});
        if (!kw) {
            if (const std::optional<double> mw = number(from, {"capacity_mw", "rating_mw", "capacity_mva"})) {
                kw = *mw * 1000.0;
            } else if (asset.type == AssetType::solar_farm && asset.surface_area_m2 > 0.0) {
                kw = asset.surface_area_m2 * solar_kw_per_m2;
                note(asset.name + ": 200 W for each square metre of panels");
            } else if (asset.num_charging_stations > 0) {
                const double each = asset.charger_kw > 0.0 ? asset.charger_kw : post_kw;
                kw = static_cast<double>(asset.num_charging_stations) * each;
                note(fmt::format("{}: {} kW for each charging station", asset.name, each));
            }
        }
        if (!kw || !(*kw > 0.0 && *kw <= asset_kw_max)) {
            return fault(at + "/capacity_kw", kw ? "must be above 0 and at most 10,000,000" : "is missing");
        }
        asset.capacity_kw = *kw;
    }

    static std::vector<std::string> read_places(const json::Value& from,
                                                const std::vector<std::string>& places) {
        const std::string city = text(from, {"city", "region", "area"});
        const json::Value* location = from.get("location");
        if (!city.empty()) {
            return {city};
        }
        return location != nullptr && location->as_string() != nullptr
                   ? std::vector<std::string>{cut(*location->as_string(), place_max)}
                   : places;
    }

    void read_links(const json::Value& from, const std::string& at, Asset& asset) {
        if (const json::Value* feeds = from.get("feeds")) {
            if (const std::string* one = feeds->as_string()) {
                asset.feeds.push_back(cut(*one, text_max));
            } else if (feeds->as_array() != nullptr) {
                for (const json::Value& fed : *feeds->as_array()) {
                    const std::string id = fed.is_object() ? text(fed, {"id", "asset_id", "name"})
                                           : fed.as_string() != nullptr ? cut(*fed.as_string(), text_max)
                                                                        : std::string();
                    if (!id.empty() && asset.feeds.size() < asset_links_max) {
                        asset.feeds.push_back(id);
                    }
                }
            } else if (!feeds->is_null()) {
                fault(at + "/feeds", "must be a list of ids");
            }
        }
        const json::Value* points = from.get("open_points");
        for (std::size_t i = 0; points != nullptr && points->as_array() != nullptr &&
                                i < std::min<std::size_t>(points->as_array()->size(), 64);
             ++i) {
            const json::Value& point = (*points->as_array())[i];
            asset.open_points.push_back(
                {text(point, {"to", "id"}),
                 std::clamp(number(point, {"move_kw", "capacity_kw"}).value_or(0.0), 0.0, asset_kw_max)});
        }
    }

    /// Names in `feeds` and `open_points` become the ids that assets have here; what names none goes, and is
    /// noted.
    void link() {
        std::unordered_map<std::string, std::string> ids;
        for (const Asset& asset : set_.assets) {
            ids.emplace(asset.id, asset.id);
        }
        for (const Asset& asset : set_.assets) {
            ids.emplace(asset.source_ref, asset.id);
            ids.emplace(asset.name, asset.id);
        }
        const auto known = [&](const std::string& name) {
            const auto found = name.empty() ? ids.end() : ids.find(name);
            return found == ids.end() ? std::string() : found->second;
        };
        for (Asset& asset : set_.assets) {
            std::vector<std::string> feeds;
            std::unordered_set<std::string> seen{asset.id};
            for (const std::string& name : asset.feeds) {
                const std::string id = known(name);
                if (id.empty()) {
                    note(asset.name + " feeds " + name + ", which is not in the list");
                } else if (seen.insert(id).second) {
                    feeds.push_back(id);
                }
            }
            asset.feeds = std::move(feeds);
            std::erase_if(asset.open_points, [&](OpenPoint& point) {
                point.to = known(point.to);
                return point.to.empty() || point.to == asset.id;
            });
        }
    }

    AssetSet set_;
    std::vector<std::string> pointers_;  // parallel to the assets
    std::vector<Fault> faults_;
};

}  // namespace

Result<AssetSet> import_assets(const json::Value& file, const std::string& name) {
    const std::vector<Listed> lists = lists_in(file);
    std::size_t count = 0;
    for (const Listed& list : lists) {
        count += list.items->size();
    }
    if (count > asset_set_assets_max) {
        return Error{Errc::invalid, fmt::format("{} lists {} assets, at most {} are taken", name, count,
                                                asset_set_assets_max)};
    }
    std::vector<std::string> places;
    for (const char* member : {"location", "city", "region", "place", "name"}) {
        if (const json::Value* place = file.get(member);
            places.empty() && place != nullptr && place->as_string() != nullptr) {
            places.push_back(cut(*place->as_string(), place_max));
        }
    }
    if (places.empty()) {
        // A file's name is the last resort: "london_assets.json" is about London.
        const std::size_t begin = name.find_last_of('/') + 1;
        places.push_back(name.substr(begin, name.find_first_of("_.- ", begin) - begin));
    }
    Importer importer(name);
    for (const Listed& list : lists) {
        importer.read(list, places);
    }
    return importer.finish();
}

}  // namespace headroom::scenario
