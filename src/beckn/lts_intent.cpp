#include "beckn/decimal.hpp"
#include "beckn/lts_parts.hpp"
#include "beckn/lts_words.hpp"
#include "core/json_object.hpp"

#include <array>
#include <utility>

// What is wanted, as one line of text: discover of 2.0 has no other room for numbers by slot. A JSONPath
// filter stands beside it for those who can only filter.
namespace headroom::beckn::lts {

namespace {

constexpr std::size_t search_text_max = 16UL * 1024;
constexpr std::size_t words_max = 16;

std::string kw_list(const flex::IntervalGrid& grid) {
    std::string list;
    for (const std::int64_t watts : grid.values) {
        list += list.empty() ? "" : ",";
        list += format_decimal(watts, kw_decimals);
    }
    return list;
}

using Words = std::vector<std::pair<std::string_view, std::string_view>>;

/// "FLEX_REQUEST a=1 b=2": the pairs behind the first word; nothing when it is another text.
std::optional<Words> split(std::string_view text) {
    if (!text.starts_with(flex_request)) {
        return std::nullopt;
    }
    text.remove_prefix(flex_request.size());
    Words words;
    while (!text.empty() && words.size() < words_max) {
        if (text.front() != ' ') {
            return std::nullopt;
        }
        text.remove_prefix(1);
        const std::size_t end = text.find(' ');
        const std::string_view word = text.substr(0, end);
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        words.emplace_back(word.substr(0, equals), word.substr(equals + 1));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
    }
    return text.empty() ? std::optional(std::move(words)) : std::nullopt;
}

std::optional<std::vector<std::int64_t>> read_kw(const Node& node, std::string_view list) {
    std::vector<std::int64_t> values;
    while (true) {
        const std::size_t comma = list.find(',');
        const Result<std::int64_t> watts = parse_decimal(list.substr(0, comma), kw_decimals);
        if (!watts || *watts < 0 || *watts > flex::offer_power_max.value ||
            values.size() == flex::grid_slots_max) {
            node.refuse("entry " + std::to_string(values.size()) + " of kw is no power between 0 and " +
                        format_decimal(flex::offer_power_max.value, kw_decimals) + ", or one too many");
            return std::nullopt;
        }
        values.push_back(*watts);
        if (comma == std::string_view::npos) {
            return values;
        }
        list.remove_prefix(comma + 1);
    }
}

/// The words as values that know their place, so that their faults are told at the text they stand in.
class Request {
  public:
    Request(const Node& text, const Words& words) : text_(text) {
        for (const auto& [key, value] : words) {
            values_.emplace_back(std::string(key), json::Value(value));
        }
    }
    [[nodiscard]] Node at(std::string_view key) const {
        for (const auto& [name, value] : values_) {
            if (name == key) {
                return {&value, text_.pointer(), text_.faults()};
            }
        }
        return {nullptr, text_.pointer() + " (" + std::string(key) + ")", text_.faults()};
    }

  private:
    Node text_;
    std::vector<std::pair<std::string, json::Value>> values_;
};

std::optional<SearchIntent> read_request(const Node& text, const Words& words) {
    const std::size_t before = text.faults().count();
    const Request request(text, words);
    SearchIntent intent;
    intent.feeder = request.at("feeder_id").own_id().value_or("");
    intent.phase = word(request.at("phase"), grid::parse_phase).value_or(grid::Phase::sum);
    intent.turn_up = word(request.at("direction"), parse_turn_up).value_or(false);
    intent.need_w.start = request.at("start").time().value_or(UtcTime{});
    intent.need_w.step = request.at("step").duration().value_or(milliseconds{0});
    if (text.faults().count() == before && (intent.need_w.step < step_min || intent.need_w.step > step_max)) {
        text.refuse("step must lie between one minute and one day");
    }
    if (const std::optional<std::string> list = request.at("kw").text(search_text_max)) {
        intent.need_w.values = read_kw(text, *list).value_or(std::vector<std::int64_t>{});
    }
    return text.faults().count() == before ? std::optional(std::move(intent)) : std::nullopt;
}

}  // namespace

std::optional<SearchIntent> read_intent(const Node& message) {
    const Node node = message.member("intent");
    if (node.value() == nullptr || !node.value()->is_object()) {
        node.refuse("must be an object");
        return std::nullopt;
    }
    const std::size_t before = node.faults().count();
    Node text = node.member("textSearch");
    for (const std::string_view place : {"textSearch", "text_search"}) {
        text = text.is_there() ? text : message.member(place);
    }
    const std::string written = text.text_or_empty(search_text_max).value_or("");
    if (const std::optional<Words> words = split(written)) {
        return read_request(text, *words);
    }
    SearchIntent intent;
    intent.text = written;
    intent.filter = node.member("filters").member("expression").text_or_empty(search_text_max).value_or("");
    return node.faults().count() == before ? std::optional(std::move(intent)) : std::nullopt;
}

json::Value write_intent(const SearchIntent& intent) {
    json::Object written;
    if (intent.feeder.empty()) {
        if (!intent.text.empty()) {
            written.set("textSearch", intent.text);
        }
        if (!intent.filter.empty()) {
            written.set("filters", json::object({{"type", "jsonpath"}, {"expression", intent.filter}}));
        }
        return written;
    }
    const std::string_view direction = intent.turn_up ? turn_up : turn_down;
    const std::string start = format_utc(intent.need_w.start);
    std::string text(flex_request);
    text += " feeder_id=" + intent.feeder + " phase=" + std::string(grid::to_string(intent.phase));
    text += " direction=" + std::string(direction) + " start=" + start;
    text += " step=" + format_duration(intent.need_w.step) + " kw=" + kw_list(intent.need_w);
    std::string filter = "$.catalogs[*].resources[?@.resourceAttributes.feederId=='" + intent.feeder;
    filter += "' && @.resourceAttributes.direction=='" + std::string(direction);
    filter += "' && @.resourceAttributes.availableFrom<'" + format_utc(intent.need_w.end());
    filter += "' && @.resourceAttributes.availableUntil>'" + start + "']";
    written.set("textSearch", std::move(text));
    written.set("filters", json::object({{"type", "jsonpath"}, {"expression", std::move(filter)}}));
    return written;
}

}  // namespace headroom::beckn::lts
