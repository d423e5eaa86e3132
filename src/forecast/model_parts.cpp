#include "forecast/model_parts.hpp"

#include "core/digest.hpp"
#include "core/random.hpp"

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <system_error>

namespace headroom::forecast {
namespace {

constexpr std::size_t model_bytes_max = 1024UL * 1024 * 1024;
constexpr std::size_t hash_characters = 64;
constexpr std::size_t probes = 4;

/// Rows that every tree file answers when it is read, a pure function of their width.
std::vector<float> probe_rows(std::size_t features) {
    const Random random(1);
    std::vector<float> rows(probes * features);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i] = random.uniform(i, 0) < 0.15 ? std::numeric_limits<float>::quiet_NaN()
                                              : static_cast<float>(3.0 * random.normal(i, 1));
    }
    return rows;
}

std::int32_t small(double value) {
    return value >= -1.0 && value <= 2e9 ? static_cast<std::int32_t>(value) : -2;
}

}  // namespace

json::Value write(const Trees& trees) {
    std::vector<float> answers(probes);
    trees.predict(probe_rows(trees.features()), answers);
    using Node = Trees::Node;
    return json::Object{
        {"features", static_cast<std::int64_t>(trees.features())},
        {"base", static_cast<double>(trees.base())},
        {"roots", list(trees.roots(), [](std::int32_t v) { return static_cast<std::int64_t>(v); })},
        {"value", list(trees.nodes(), [](const Node& n) { return static_cast<double>(n.value); })},
        {"left", list(trees.nodes(), [](const Node& n) { return static_cast<std::int64_t>(n.left); })},
        {"feature", list(trees.nodes(), [](const Node& n) { return static_cast<std::int64_t>(n.feature); })},
        {"missing",
         list(trees.nodes(), [](const Node& n) { return static_cast<std::int64_t>(n.missing_goes_left); })},
        {"probe", list(answers, [](float v) { return static_cast<double>(v); })}};
}

Trees read_trees(Fields& fields, const json::Value& from, std::size_t features) {
    const std::vector<double> value = fields.numbers(from, "value");
    const std::vector<double> left = fields.numbers(from, "left");
    const std::vector<double> feature = fields.numbers(from, "feature");
    const std::vector<double> missing = fields.numbers(from, "missing");
    const std::vector<double> probe = fields.numbers(from, "probe");
    if (left.size() != value.size() || feature.size() != value.size() || missing.size() != value.size() ||
        probe.size() != probes || fields.integer(from, "features") != static_cast<std::int64_t>(features)) {
        fields.refuse("trees have lists that do not fit");
        return {};
    }
    std::vector<Trees::Node> nodes;
    for (std::size_t i = 0; i < value.size(); ++i) {
        nodes.push_back({.value = static_cast<float>(value[i]),
                         .left = small(left[i]),
                         .feature = small(feature[i]),
                         .missing_goes_left = missing[i] > 0.5 ? 1 : 0});
    }
    std::vector<std::int32_t> roots;
    for (const double root : fields.numbers(from, "roots")) {
        roots.push_back(small(root));
    }
    Result<Trees> trees = Trees::make(features, static_cast<float>(fields.number(from, "base")),
                                      std::move(roots), std::move(nodes));
    if (!trees) {
        fields.refuse("trees cannot be used: " + trees.error().message);
        return {};
    }
    std::vector<float> answers(probes);
    trees->predict(probe_rows(features), answers);
    for (std::size_t i = 0; i < probes; ++i) {
        if (answers[i] != static_cast<float>(probe[i])) {
            fields.refuse("trees answer probe " + std::to_string(i) +
                          " otherwise than when they were written");
        }
    }
    return std::move(*trees);
}

std::string sealed(std::string_view first_words, const json::Value& body) {
    const std::string json = json::write(body) + "\n";
    return std::string(first_words) + sha256_hex(json) + "\n" + json;
}

Result<json::Value> unsealed(std::string_view first_words, std::string_view text) {
    if (!text.starts_with(first_words)) {
        return Error{Errc::unsupported, "this file does not begin with \"" + std::string(first_words) + "\""};
    }
    text.remove_prefix(first_words.size());
    const std::string_view hash = text.substr(0, hash_characters);
    text.remove_prefix(std::min(text.size(), hash_characters + 1));
    if (sha256_hex(text) != hash) {
        return Error{Errc::corrupt, "the model file's checksum does not fit: it is cut off or was changed"};
    }
    Result<json::Value> body = json::parse(text, {.bytes = model_bytes_max});
    return body ? std::move(body) : Result<json::Value>(Error{Errc::corrupt, body.error().message});
}

Result<void> replace_file(const std::filesystem::path& file, const std::string& text) {
    const std::filesystem::path beside = file.string() + ".new";
    {
        std::ofstream out(beside, std::ios::binary | std::ios::trunc);
        out << text << std::flush;
        if (!out) {
            return Error{Errc::unavailable, beside.string() + " cannot be written"};
        }
    }
    std::error_code fault;
    std::filesystem::rename(beside, file, fault);
    if (fault) {
        return Error{Errc::unavailable, file.string() + " cannot be replaced: " + fault.message()};
    }
    return {};
}

Result<std::string> read_whole_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return Error{Errc::not_found, file.string() + " cannot be read"};
    }
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

}  // namespace headroom::forecast
