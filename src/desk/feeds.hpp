#pragma once

#include "agents/feed_standing.hpp"
#include "agents/feed_table.hpp"
#include "core/reflect_json.hpp"
#include "flex/rules.hpp"
#include "flex/schedule_request.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::desk {

struct NotBelievedAnswer {
    std::string pointer;
    std::string why;
};
/// A feed as people see it.
struct FeedAnswer {
    std::string id;
    std::string state;
    std::string reaches;
    std::string source;
    std::string url;
    std::string licence;
    std::optional<UtcTime> asked_at = {};
    std::optional<UtcTime> answered_at = {};
    std::optional<double> age_s = {};
    std::int64_t records = 0;
    std::int64_t effects = 0;
    std::int64_t quarantined = 0;
    std::vector<NotBelievedAnswer> not_believed = {};
    std::string fault;
};
/// A value that decisions are made by, of the half-hour at hand or, where it is measured, of the newest.
struct FeedValueAnswer {
    std::string name;
    double value = 0.0;
    UtcTime half_hour{};
    std::string source;
    std::string url;
    std::string licence;
    UtcTime fetched_at{};
    double age_s = 0.0;
    std::string stale_because;
};
struct FeedsAnswer {
    UtcTime as_of{};
    bool live = false;
    std::string why_not;
    std::vector<FeedAnswer> feeds = {};
    std::vector<FeedValueAnswer> values = {};
};

/// "142 g/kWh of the grid for DERs without a figure of their own: carbon_intensity, …"; empty for nothing.
[[nodiscard]] std::string carbon_source_text(const std::optional<agents::FeedFigure>& figure);

/// The feeds of the control room for all doors. One io_context thread.
class Feeds {
  public:
    using Standing = std::function<std::vector<agents::FeedStanding>()>;

    /// Feeds that somebody asks; called at each answer, and outlives them.
    void add(Standing standing) { standings_.push_back(std::move(standing)); }
    /// Feeds that are configured and asked by nobody, for that reason.
    void add_off(std::string id, std::string reaches, std::string why);
    void set_live() { is_live_ = true; }
    [[nodiscard]] const std::shared_ptr<agents::FeedBoard>& board() const { return board_; }

    /// `wall` is the time that ages are told by, `domain` that of the half-hour at hand.
    [[nodiscard]] FeedsAnswer answer(UtcTime wall, UtcTime domain) const;

    /// DERs without a figure of their own, of whose kind the operator's rules say nothing either, get the
    /// carbon intensity of the need's hours: what is not drawn from the grid then would have been made so.
    /// Answers where the figure comes from; nothing when no DER lacks one or no feed tells. `rules` may be
    /// null.
    [[nodiscard]] std::optional<agents::FeedFigure> fill_carbon(flex::PlanRequest& request,
                                                                const flex::RuleBook* rules) const;

  private:
    struct Off {
        std::string id;
        std::string reaches;
        std::string why;
    };
    std::vector<Standing> standings_;
    std::vector<Off> off_;
    std::shared_ptr<agents::FeedBoard> board_ = std::make_shared<agents::FeedBoard>();
    bool is_live_ = false;
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::NotBelievedAnswer> {
    using T = desk::NotBelievedAnswer;
    static constexpr std::string_view name = "NotBelieved";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("pointer", &T::pointer, "Place in the service's answer, a JSON Pointer."),
                    field("why", &T::why, "What is wrong with the value."));
};
template <>
struct Fields<desk::FeedAnswer> {
    using T = desk::FeedAnswer;
    static constexpr std::string_view name = "Feed";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("id", &T::id, "Its name.", {.example = R"("carbon_intensity")"}),
        field("state", &T::state,
              "ok, old (an old answer stands in), down, waiting (asked for the first time) or off."),
        field("reaches", &T::reaches, "What it has an effect on."),
        field("source", &T::source, "Who gave the newest answer; empty before the first."),
        field("url", &T::url, "As asked, without secrets."), field("licence", &T::licence, "Of the data."),
        field("asked_at", &T::asked_at, "Wall time of the newest try."),
        field("answered_at", &T::answered_at, "Wall time at which the service gave the newest answer."),
        field("age_s", &T::age_s, "Age of that answer.", {.unit = "s"}),
        field("records", &T::records, "Values or records in it."),
        field("effects", &T::effects, "Values taken into forecasts, states set, limits filled by it."),
        field("quarantined", &T::quarantined, "Values of it that were not believed."),
        field("not_believed", &T::not_believed, "The first ten of them."),
        field("fault", &T::fault, "Why the newest try gave nothing new; empty when it did."));
};
template <>
struct Fields<desk::FeedValueAnswer> {
    using T = desk::FeedValueAnswer;
    static constexpr std::string_view name = "FeedValue";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("name", &T::name, "With its unit.", {.example = R"("carbon_g_per_kwh")"}),
        field("value", &T::value, "Of the half-hour."),
        field("half_hour", &T::half_hour, "Its first instant."), field("source", &T::source, "Who says so."),
        field("url", &T::url, "As asked, without secrets."), field("licence", &T::licence, "Of the data."),
        field("fetched_at", &T::fetched_at, "Wall time at which the service said it."),
        field("age_s", &T::age_s, "Since then.", {.unit = "s"}),
        field("stale_because", &T::stale_because, "Why an old answer stands in; empty when it is young."));
};
template <>
struct Fields<desk::FeedsAnswer> {
    using T = desk::FeedsAnswer;
    static constexpr std::string_view name = "Feeds";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("as_of", &T::as_of, "Wall time of this answer."),
                    field("live", &T::live, "Whether services are asked while serving (feeds.live)."),
                    field("why_not", &T::why_not, "What to do about it when they are not."),
                    field("feeds", &T::feeds, "Every feed, and how it stands."),
                    field("values", &T::values,
                          "What they say of the half-hour at hand, or of the newest that was measured, "
                          "with source and age."));
};

}  // namespace headroom
