#include "app/operator_rules.hpp"

#include "core/settings.hpp"

#include <utility>

namespace headroom::app {

Result<std::shared_ptr<const flex::RuleBook>> operator_rules(const RulesSettings& settings) {
    constexpr std::size_t bytes_max = 1UL << 20U;
    if (settings.file.empty()) {
        return std::shared_ptr<const flex::RuleBook>();
    }
    const Result<std::string> text = read_settings_file(settings.file, bytes_max);
    if (!text) {
        return Error{text.error().code, "rules.file: " + settings.file + " " + text.error().message};
    }
    Result<flex::RuleBook> book = flex::read_rules(*text, settings.file);
    if (!book) {
        return Error{book.error().code, "rules.file: " + book.error().message +
                                            ". Remedy: headroom rules test " + settings.file};
    }
    return std::make_shared<const flex::RuleBook>(std::move(*book));
}

}  // namespace headroom::app
