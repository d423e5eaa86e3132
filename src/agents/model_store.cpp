#include "agents/model_store.hpp"

#include "audit/files.hpp"
#include "core/digest.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "core/object_reader.hpp"
#include "forecast/model_file.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace headroom::agents {
namespace {

constexpr std::size_t id_length = 12;
constexpr std::size_t info_bytes_max = 16'384;
constexpr std::string_view champions_file = "champion";
constexpr std::int64_t whole_number_max = 9'000'000'000'000'000;

std::string read_text(const std::filesystem::path& file, std::size_t bytes_max) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return in && text.view().size() <= bytes_max ? text.str() : std::string();
}

bool is_id(std::string_view text) {
    return text.size() == id_length && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<void> replace(const std::filesystem::path& file, std::string_view bytes) {
    audit::FileOps files;
    bool is_sync_fault = false;
    const int fault = audit::replace_file(files, file, bytes, is_sync_fault);
    return fault == 0 ? Result<void>{} : Result<void>(audit::file_error("writing", file, fault));
}

json::Value to_json(const ModelInfo& info) {
    json::Object out = json::object({{"id", info.id},
                                     {"sha256", info.sha256},
                                     {"origin", info.origin},
                                     {"made_at", format_utc(info.made_at)},
                                     {"data_from", format_utc(info.data_from)},
                                     {"data_to", format_utc(info.data_to)},
                                     {"series", static_cast<std::int64_t>(info.series)},
                                     {"rows", static_cast<std::int64_t>(info.rows)},
                                     {"seed", static_cast<std::int64_t>(info.seed)},
                                     {"bytes", static_cast<std::int64_t>(info.bytes)},
                                     {"beaten", info.beaten}});
    if (info.trial) {
        out.set("trial", json::object({{"from", info.trial->from},
                                       {"to", info.trial->to},
                                       {"forecasts", static_cast<std::int64_t>(info.trial->forecasts)},
                                       {"pinball_ppm", ppm_of(info.trial->pinball)},
                                       {"champion_pinball_ppm", ppm_of(info.trial->champion_pinball)},
                                       {"p90_share_ppm", ppm_of(info.trial->p90_share)},
                                       {"champion_p90_share_ppm", ppm_of(info.trial->champion_p90_share)}}));
    }
    return out;
}

Result<ModelInfo> info_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    ModelInfo info;
    info.id = read.text("id", id_length, id_length);
    info.sha256 = read.text("sha256", 64, 64);
    info.origin = read.text("origin", 32);
    info.made_at = read.time("made_at");
    info.data_from = read.time("data_from");
    info.data_to = read.time("data_to");
    info.series = static_cast<std::size_t>(read.integer("series", 0, whole_number_max));
    info.rows = static_cast<std::size_t>(read.integer("rows", 0, whole_number_max));
    info.seed = static_cast<std::uint32_t>(read.integer("seed", 0, 4'294'967'295));
    info.bytes = static_cast<std::size_t>(read.integer("bytes", 0, whole_number_max));
    info.beaten = read.text("beaten", id_length);
    if (value.get("trial") != nullptr) {
        json::ObjectReader trial(read.value("trial"), "/trial");
        const auto share = [&trial](std::string_view name) {
            return static_cast<double>(trial.integer(name, 0, whole_number_max)) / 1e6;
        };
        info.trial = forecast::LiveTrial{
            .from = trial.integer("from", 0, whole_number_max),
            .to = trial.integer("to", 0, whole_number_max),
            .forecasts = static_cast<std::size_t>(trial.integer("forecasts", 0, whole_number_max)),
            .pinball = share("pinball_ppm"),
            .champion_pinball = share("champion_pinball_ppm"),
            .p90_share = share("p90_share_ppm"),
            .champion_p90_share = share("champion_p90_share_ppm")};
        if (!trial.ok()) {
            read.keep(trial.error());
        }
    }
    return read.ok() ? Result<ModelInfo>(std::move(info)) : read.error();
}

}  // namespace

std::int64_t ppm_of(double share) {
    return std::llround(share * 1e6);
}

Result<ModelStore> ModelStore::open(std::filesystem::path folder) {
    std::error_code fault;
    std::filesystem::create_directories(folder, fault);
    if (fault) {
        return Error{Errc::unavailable, folder.string() + " cannot be made: " + fault.message()};
    }
    ModelStore store(std::move(folder));
    for (const auto& entry : std::filesystem::directory_iterator(store.folder_, fault)) {
        if (entry.path().extension() != ".json") {
            continue;
        }
        const Result<json::Value> value = json::parse(read_text(entry.path(), info_bytes_max));
        Result<ModelInfo> info = value ? info_from_json(*value) : Result<ModelInfo>(value.error());
        if (!info || !std::filesystem::exists(store.folder_ / (info->id + ".model"))) {
            log::warn("what stands of a model cannot be read and is passed over",
                      {{"file", entry.path().string()},
                       {"why", info ? "there is no model file beside it" : info.error().message}});
            continue;
        }
        store.models_.push_back(std::move(*info));
    }
    std::ranges::sort(store.models_, [](const ModelInfo& a, const ModelInfo& b) {
        return std::pair(b.made_at, a.id) < std::pair(a.made_at, b.id);
    });
    std::istringstream lines(read_text(store.folder_ / champions_file, info_bytes_max));
    for (std::string line; std::getline(lines, line);) {
        if (is_id(line) && store.find(line) != nullptr) {
            store.champions_.push_back(line);
        }
    }
    return store;
}

const ModelInfo* ModelStore::find(std::string_view id) const {
    const auto found = std::ranges::find(models_, id, &ModelInfo::id);
    return found == models_.end() ? nullptr : &*found;
}

Result<ModelInfo> ModelStore::keep(const forecast::Ensemble& ensemble, ModelInfo info) {
    const std::string text = forecast::write_model(ensemble);
    info.sha256 = sha256_hex(text);
    info.id = info.sha256.substr(0, id_length);
    if (const ModelInfo* known = find(info.id)) {
        return *known;
    }
    info.bytes = text.size();
    info.data_from = UtcTime{seconds{ensemble.data_from_s}};
    info.data_to = UtcTime{seconds{ensemble.data_to_s}};
    info.series = ensemble.series.size();
    info.seed = ensemble.seed;
    info.rows = 0;
    for (const forecast::EnsembleLead& lead : ensemble.leads) {
        info.rows += lead.rows;
    }
    if (Result<void> kept = replace(folder_ / (info.id + ".model"), text); !kept) {
        return kept.error();
    }
    if (Result<void> kept = replace(folder_ / (info.id + ".json"), json::write(to_json(info)) + "\n");
        !kept) {
        return kept.error();
    }
    models_.insert(models_.begin(), info);
    forget_oldest();
    return info;
}

Result<std::shared_ptr<const forecast::LiveModel>> ModelStore::load(std::string_view id) const {
    if (!is_id(id) || find(id) == nullptr) {
        return Error{Errc::not_found, "there is no model " + std::string(id)};
    }
    Result<forecast::Ensemble> ensemble = forecast::load_model(folder_ / (std::string(id) + ".model"));
    if (!ensemble) {
        return ensemble.error();
    }
    Result<forecast::LiveModel> model = forecast::LiveModel::make(std::move(*ensemble), std::string(id));
    if (!model) {
        return model.error();
    }
    return std::make_shared<const forecast::LiveModel>(std::move(*model));
}

Result<void> ModelStore::write_champions(const std::vector<std::string>& line) {
    std::string text;
    for (const std::string& id : line) {
        text += id + "\n";
    }
    if (Result<void> written = replace(folder_ / champions_file, text); !written) {
        return written;
    }
    champions_ = line;
    return {};
}

Result<void> ModelStore::promote(const std::string& id) {
    if (find(id) == nullptr) {
        return Error{Errc::not_found, "there is no model " + id};
    }
    if (champion() == id) {
        return {};
    }
    std::vector<std::string> line = champions_;
    line.push_back(id);
    if (line.size() > champions_max) {
        line.erase(line.begin());
    }
    return write_champions(line);
}

Result<void> ModelStore::revert() {
    if (champions_.size() < 2) {
        return Error{Errc::conflict, "no model served before this one"};
    }
    return write_champions({champions_.begin(), champions_.end() - 1});
}

/// Models that serve or served last stay, and the newest of the others.
void ModelStore::forget_oldest() {
    std::size_t others = 0;
    std::erase_if(models_, [&](const ModelInfo& info) {
        if (std::ranges::find(champions_, info.id) != champions_.end() || ++others <= models_max) {
            return false;
        }
        std::error_code fault;
        std::filesystem::remove(folder_ / (info.id + ".json"), fault);
        std::filesystem::remove(folder_ / (info.id + ".model"), fault);
        if (fault) {
            log::warn("an old model could not be removed", {{"model", info.id}, {"error", fault.message()}});
        }
        return true;
    });
}

}  // namespace headroom::agents
