#pragma once

#include "flex/do_nothing.hpp"
#include "flex/plan_switching.hpp"
#include "flex/rules.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace headroom::flex {

/// A rung as it was decided.
struct LadderStep {
    std::int64_t rung = 0;
    std::string name = {};
    std::string outcome = {};  ///< taken, skipped or recommended
    std::string reason = {};
    std::string legal_basis = {};
};

/// The seven rungs with which Headroom is shipped; a rules file's own ladder takes their place.
[[nodiscard]] const std::vector<LadderRung>& default_ladder();
/// The book's ladder by rung, or the shipped one.
[[nodiscard]] std::vector<LadderRung> ladder_of(const RuleBook* book);

/// nothing, switching, armed, spot, curtailable, mobile_generation or outside; empty for a word that is none
/// of them.
[[nodiscard]] std::string_view means_of(const LadderRung& rung);

/// By how much time relief must come.
struct TimeToLimit {
    std::optional<double> minutes = {};  ///< nothing: not known, and no rung is too slow
    bool is_over = false;                ///< the limit is exceeded already: `minutes` is how long that lasts
};

/// Why a rung comes too late; empty when it does not.
[[nodiscard]] std::string too_slow(const LadderRung& rung, const TimeToLimit& time);

/// By which means a DER is asked: that of the rung that is about it, else armed or spot, as `is_armed` says.
[[nodiscard]] std::string_view means_for(const std::vector<LadderRung>& ladder, const std::string& der,
                                         const std::string& kind, bool is_armed);
/// Its place on the ladder, from 0; after all rungs when the ladder has none of this means.
[[nodiscard]] std::size_t place_of(const std::vector<LadderRung>& ladder, std::string_view means);
/// Why nothing may be bought by this means: its rung is too slow, or is recommended only. Empty when it may.
[[nodiscard]] std::string not_to_be_bought(const std::vector<LadderRung>& ladder, std::string_view means,
                                           const TimeToLimit& time);

/// What was bought by one means, and what was there that could not be.
struct BoughtBy {
    std::string means = {};
    double peak_kw = 0.0;
    std::int64_t ders = 0;
    double gbp = 0.0;
    std::int64_t offered = 0;  ///< DERs that could have been asked
};

struct LadderFacts {
    TimeToLimit time;
    std::optional<DoingNothing> nothing;
    std::vector<PlanSwitching> switching;
    std::vector<BoughtBy> bought;
    bool is_armed = false;  ///< as what is bought: else on the spot
    double need_kw = 0.0;
    double left_kw = 0.0;  ///< of the need that stays uncovered
};

/// Whether rung "nothing" is taken, so that nothing is bought.
[[nodiscard]] bool takes_nothing(const std::vector<LadderRung>& ladder,
                                 const std::optional<DoingNothing>& nothing);

/// Every rung in order, with what became of it and why. Pure.
[[nodiscard]] std::vector<LadderStep> climb(const std::vector<LadderRung>& ladder, const LadderFacts& facts);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::LadderStep> {
    using T = flex::LadderStep;
    static constexpr std::string_view name = "LadderStep";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("rung", &T::rung, "1 comes first."), field("name", &T::name, "What it is."),
                    field("outcome", &T::outcome, "taken, skipped or recommended."),
                    field("reason", &T::reason, "Why, in a sentence."),
                    field("legal_basis", &T::legal_basis, "What permits it."));
};

}  // namespace headroom
