#pragma once

#include "forecast/ramp.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace headroom::forecast {

/// The ramp models of a control room, at most one for each distance of readings. Immutable; callable from any
/// thread.
class RampModels {
  public:
    /// Reads every `*.ramp` of the folder in the order of the names; a folder that is not there has none. Of
    /// two for one cadence the one learnt from newer data serves. A file that cannot be read, and one that
    /// wants covariates, which readings as they come do not bring, is passed over and named in `faults`.
    [[nodiscard]] static RampModels open(const std::filesystem::path& folder);

    /// These models, with `model` in the place of the one for its cadence.
    [[nodiscard]] RampModels with(RampModel model) const;

    /// nullptr when none was learnt from readings so far apart.
    [[nodiscard]] const RampModel* of(std::int64_t cadence_s) const;
    /// Why no model serves readings so far apart; empty when one does.
    [[nodiscard]] std::string why_not(std::int64_t cadence_s) const;
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

  private:
    std::map<std::int64_t, RampModel> by_cadence_;
    std::vector<std::string> faults_;
};

}  // namespace headroom::forecast
