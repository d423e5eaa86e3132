#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "forecast/live_training.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::agents {

/// A share in the parts per million of entries and files, to the nearest one.
[[nodiscard]] std::int64_t ppm_of(double share);

/// What is known of a kept model besides itself (docs/formats/model.md, "Models of a control room").
struct ModelInfo {
    std::string id;      ///< the first twelve digits of `sha256`
    std::string sha256;  ///< of the model file
    std::string origin;  ///< "nightly", "start" or "file"
    UtcTime made_at{};   ///< domain time
    UtcTime data_from{};
    UtcTime data_to{};  ///< time of the newest half-hour it was learnt from
    std::size_t series = 0;
    std::size_t rows = 0;
    std::uint32_t seed = 0;
    std::size_t bytes = 0;
    std::string beaten;                        ///< id of the champion it won against; empty for the ridge
    std::optional<forecast::LiveTrial> trial;  ///< nothing for a model that came from outside
};

/// The models of a data directory: each as a file with what is known of it, and the line of champions. One
/// thread.
class ModelStore {
  public:
    /// Reads what is there; makes the folder where it is not. Errors: `unavailable`.
    [[nodiscard]] static Result<ModelStore> open(std::filesystem::path folder);

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    /// Newest first.
    [[nodiscard]] const std::vector<ModelInfo>& models() const { return models_; }
    [[nodiscard]] const ModelInfo* find(std::string_view id) const;
    /// Id of the model that serves; empty while none does.
    [[nodiscard]] std::string champion() const { return champions_.empty() ? "" : champions_.back(); }
    /// Of the one before it; empty when there is none.
    [[nodiscard]] std::string former_champion() const {
        return champions_.size() < 2 ? "" : champions_[champions_.size() - 2];
    }

    /// Writes a model and what is known of it, power-durable; `info` gets id, hash and what the ensemble says
    /// of itself. One that is there already stays. Errors: `unavailable`.
    Result<ModelInfo> keep(const forecast::Ensemble& ensemble, ModelInfo info);
    /// Reads one back. Errors: `not_found`; `corrupt`; those of `LiveModel::make`.
    [[nodiscard]] Result<std::shared_ptr<const forecast::LiveModel>> load(std::string_view id) const;
    /// Makes it the champion from the next start on. Errors: `not_found`, `unavailable`.
    Result<void> promote(const std::string& id);
    /// The champion goes, the one before it is champion again. Errors: `conflict` when there is none before.
    Result<void> revert();

    /// So many are kept besides champions.
    static constexpr std::size_t models_max = 12;
    static constexpr std::size_t champions_max = 8;

  private:
    explicit ModelStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<void> write_champions(const std::vector<std::string>& line);
    void forget_oldest();

    std::filesystem::path folder_;
    std::vector<ModelInfo> models_;
    std::vector<std::string> champions_;  // oldest first
};

}  // namespace headroom::agents
