#pragma once

#include "agents/retraining.hpp"
#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct TrialAnswer {
    UtcTime from{};
    UtcTime to{};
    std::int64_t forecasts = 0;
    double pinball = 0.0;
    double champion_pinball = 0.0;
    double p90_share = 0.0;
    double champion_p90_share = 0.0;
};

struct ModelAnswer {
    std::string model_id = {};
    std::string sha256 = {};
    std::string origin = {};
    bool serving = false;
    UtcTime made_at{};
    UtcTime data_from{};
    UtcTime data_to{};
    std::int64_t series = 0;
    std::int64_t rows = 0;
    std::int64_t seed = 0;
    std::int64_t bytes = 0;
    std::string beaten = {};
    std::optional<TrialAnswer> trial = {};
};

struct ModelsAnswer {
    std::string serving = {};
    std::string former = {};
    std::string state = {};
    double done = 0.0;
    std::string step = {};
    std::optional<UtcTime> tried_at = {};
    std::string outcome = {};
    std::vector<ModelAnswer> models = {};
    UtcTime as_of{};
};

[[nodiscard]] ModelsAnswer models_answer(const agents::Retraining& retraining, UtcTime now);
/// Errors: `not_found`.
[[nodiscard]] Result<ModelAnswer> model_answer(const agents::Retraining& retraining, std::string_view id);

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::TrialAnswer> {
    using T = desk::TrialAnswer;
    static constexpr std::string_view name = "ModelTrial";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("from", &T::from, "Start of the days that the model had not seen."),
        field("to", &T::to, "Their end."), field("forecasts", &T::forecasts, "Forecasts that were compared."),
        field("pinball", &T::pinball, "Mean pinball loss over the quantiles, in spreads of the load."),
        field("champion_pinball", &T::champion_pinball, "The same of who served until then."),
        field("p90_share", &T::p90_share, "Share of loads at or below P90; 0.9 would be exact."),
        field("champion_p90_share", &T::champion_p90_share, "The same of who served until then."));
};

template <>
struct Fields<desk::ModelAnswer> {
    using T = desk::ModelAnswer;
    static constexpr std::string_view name = "Model";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("model_id", &T::model_id, "The first twelve digits of the file's SHA-256."),
                    field("sha256", &T::sha256, "Of the model file."),
                    field("origin", &T::origin, "nightly, start or file."),
                    field("serving", &T::serving, "Forecasts are made with it now."),
                    field("made_at", &T::made_at, "When it was learnt or taken in."),
                    field("data_from", &T::data_from, "Time of the oldest half-hour it was learnt from."),
                    field("data_to", &T::data_to, "Of the newest."),
                    field("series", &T::series, "Points it was learnt from."),
                    field("rows", &T::rows, "Rows it was learnt from, over all leads."),
                    field("seed", &T::seed, "Seed of the trees."),
                    field("bytes", &T::bytes, "Size of the file.", {.unit = "B"}),
                    field("beaten", &T::beaten, "Model it won against; empty for the ridge."),
                    field("trial", &T::trial, "How it won; null for a file that was given."));
};

template <>
struct Fields<desk::ModelsAnswer> {
    using T = desk::ModelsAnswer;
    static constexpr std::string_view name = "Models";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("serving", &T::serving, "Id of the model that serves; empty while simpler methods do."),
        field("former", &T::former, "Id of the one before, for `revert`; empty when there is none."),
        field("state", &T::state, "off, waiting, reading or training."),
        field("done", &T::done, "Share of the training that is done."),
        field("step", &T::step, "What the training is at."),
        field("tried_at", &T::tried_at, "When the last training began; null before the first."),
        field("outcome", &T::outcome,
              "Of the last training: promoted, refused, failed or cancelled, and why."),
        field("models", &T::models, "Kept models, newest first."),
        field("as_of", &T::as_of, "Domain time of this answer."));
};

}  // namespace headroom
