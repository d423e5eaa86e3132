#include "core/metrics.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace headroom {
namespace {

constexpr std::array bucket_bounds_s = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                        0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};

bool is_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string number(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0 ? "+Inf" : "-Inf";
    }
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

/// A bucket's bound as people write it, never 1e-04.
std::string bound_text(double bound) {
    std::array<char, 32> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), bound, std::chars_format::fixed).ptr;
    return {digits.data(), end};
}

std::string escaped(std::string_view text, bool in_quotes) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '"' && in_quotes) {
            out += "\\\"";
        } else {
            out += c;
        }
    }
    return out;
}

/// `a="b",c="d"`: the labels as they stand between the braces, and the key of the child.
std::string label_text(const Metrics::Labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        HEADROOM_ASSERT(is_name(name));
        text += (text.empty() ? "" : ",") + name + "=\"" + escaped(value, true) + "\"";
    }
    return text;
}

std::string sample(std::string_view name, const std::string& labels, const std::string& value) {
    std::string line(name);
    if (!labels.empty()) {
        line += "{" + labels + "}";
    }
    return line + " " + value + "\n";
}

template <class Child>
Child& child_of(std::map<std::string, std::unique_ptr<Child>>& children, const Metrics::Labels& labels) {
    std::unique_ptr<Child>& child = children[label_text(labels)];
    if (!child) {
        child = std::make_unique<Child>();
    }
    return *child;
}

}  // namespace

void Metrics::Histogram::observe(double seconds) {
    const auto bucket = static_cast<std::size_t>(
        std::lower_bound(bucket_bounds_s.begin(), bucket_bounds_s.end(), seconds) - bucket_bounds_s.begin());
    const std::lock_guard lock(mutex_);
    buckets_.resize(bucket_bounds_s.size() + 1);
    ++buckets_[bucket];
    sum_ += seconds;
    ++count_;
}

Metrics::Family& Metrics::family(std::string_view name, std::string_view help, std::string_view type) {
    HEADROOM_ASSERT(is_name(name));
    auto found = families_.find(name);
    if (found == families_.end()) {
        found = families_.emplace(std::string(name), Family{}).first;
        found->second.help = help;
        found->second.type = type;
    }
    HEADROOM_ASSERT(found->second.type == type);
    return found->second;
}

Metrics::Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
    HEADROOM_ASSERT(name.ends_with("_total"));
    const std::lock_guard lock(mutex_);
    return child_of(family(name, help, "counter").counters, labels);
}

Metrics::Gauge& Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(mutex_);
    return child_of(family(name, help, "gauge").gauges, labels);
}

Metrics::Histogram& Metrics::histogram(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(mutex_);
    return child_of(family(name, help, "histogram").histograms, labels);
}

std::string Metrics::text(bool is_openmetrics) const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [name, one] : families_) {
        // OpenMetrics names a counter's family without the suffix of its sample.
        constexpr std::string_view total = "_total";
        const std::string family_name =
            is_openmetrics && one.type == "counter" ? name.substr(0, name.size() - total.size()) : name;
        text += "# HELP " + family_name + " " + escaped(one.help, false) + "\n# TYPE " + family_name + " " +
                one.type + "\n";
        for (const auto& [labels, counter] : one.counters) {
            text += sample(name, labels, std::to_string(counter->value()));
        }
        for (const auto& [labels, gauge] : one.gauges) {
            text += sample(name, labels, number(gauge->value()));
        }
        for (const auto& [labels, histogram] : one.histograms) {
            const std::lock_guard histogram_lock(histogram->mutex_);
            const std::string before = labels.empty() ? "" : labels + ",";
            std::uint64_t below = 0;
            for (std::size_t i = 0; i < bucket_bounds_s.size(); ++i) {
                below += histogram->buckets_.empty() ? 0 : histogram->buckets_[i];
                text += sample(name + "_bucket", before + "le=\"" + bound_text(bucket_bounds_s[i]) + "\"",
                               std::to_string(below));
            }
            text += sample(name + "_bucket", before + "le=\"+Inf\"", std::to_string(histogram->count_));
            text += sample(name + "_sum", labels, number(histogram->sum_));
            text += sample(name + "_count", labels, std::to_string(histogram->count_));
        }
    }
    return text;
}

}  // namespace headroom
