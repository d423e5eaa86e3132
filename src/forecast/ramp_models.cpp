#include "forecast/ramp_models.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace headroom::forecast {

RampModels RampModels::open(const std::filesystem::path& folder) {
    RampModels out;
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (auto at = std::filesystem::directory_iterator(folder, error);
         !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
        if (at->path().extension() == ".ramp") {
            files.push_back(at->path());
        }
    }
    std::sort(files.begin(), files.end());
    for (const std::filesystem::path& file : files) {
        Result<RampModel> model = load_ramp(file);
        if (!model) {
            out.faults_.push_back(model.error().message);
        } else if (!model->external.empty()) {
            out.faults_.push_back(file.string() + ": it wants " + model->external.front() +
                                  ", which readings as they come do not bring");
        } else if (const RampModel* other = out.of(model->cadence_s);
                   other == nullptr || other->data_to_s <= model->data_to_s) {
            out.by_cadence_.insert_or_assign(model->cadence_s, std::move(*model));
        }
    }
    return out;
}

RampModels RampModels::with(RampModel model) const {
    RampModels out = *this;
    out.by_cadence_.insert_or_assign(model.cadence_s, std::move(model));
    return out;
}

const RampModel* RampModels::of(std::int64_t cadence_s) const {
    const auto found = by_cadence_.find(cadence_s);
    return found == by_cadence_.end() ? nullptr : &found->second;
}

std::string RampModels::why_not(std::int64_t cadence_s) const {
    if (of(cadence_s) != nullptr) {
        return {};
    }
    if (by_cadence_.empty()) {
        return faults_.empty() ? "no ramp model has been trained" : faults_.front();
    }
    std::string known;
    for (const auto& [each_s, model] : by_cadence_) {
        known += (known.empty() ? "" : ", ") + std::to_string(each_s) + " s";
    }
    return "readings come every " + std::to_string(cadence_s) + " s, ramps were learnt from " + known;
}

}  // namespace headroom::forecast
