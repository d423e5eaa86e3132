#include "forecast/model_file.hpp"

#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/random.hpp"

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <system_error>

namespace headroom::forecast {
namespace {

constexpr std::string_view first_words = "headroom-forecast-model 1 ";
constexpr std::size_t model_bytes_max = 1024UL * 1024 * 1024;
constexpr std::size_t hash_characters = 64;
constexpr std::size_t probes = 4;

template <class T, class Get>
json::Array list(const std::vector<T>& values, Get get) {
    json::Array out;
    out.reserve(values.size());
    for (const T& value : values) {
        out.emplace_back(get(value));
    }
    return out;
}

json::Array numbers(const std::vector<double>& values) {
    return list(values, [](double v) { return v; });
}

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

json::Value write(const LinearModel& model) {
    return json::Object{{"constant", model.constant}, {"weights", numbers(model.weights)}};
}

json::Value write(const EnsembleLead& lead) {
    json::Array own;
    for (const LeadModel::Own& mine : lead.model.own) {
        json::Object object{{"blend", numbers(mine.blend)}};
        if (mine.is_there) {
            object.set("trees", write(mine.trees))
                .set("loose", write(mine.loose))
                .set("tight", write(mine.tight));
        }
        own.emplace_back(std::move(object));
    }
    json::Array errors;
    for (const QuantileValues& block : lead.errors) {
        errors.emplace_back(json::Array(block.begin(), block.end()));
    }
    return json::Object{
        {"lead_s", lead.lead_s},
        {"rows", static_cast<std::int64_t>(lead.rows)},
        {"error_mean", lead.error_mean},
        {"base_error_mean", lead.base_error_mean},
        {"kinds", list(lead.model.terms.kinds(), [](ColumnKind k) { return static_cast<int>(k); })},
        {"centres", numbers(lead.model.terms.centres())},
        {"spreads", numbers(lead.model.terms.spreads())},
        {"trees", write(lead.model.all_trees)},
        {"ridge", write(lead.model.all_ridge)},
        {"blend", numbers(lead.model.blend)},
        {"width", lead.model.width ? write(*lead.model.width) : json::Value()},
        {"own", std::move(own)},
        {"errors", std::move(errors)}};
}

/// Reads members of the file's JSON; the first that is missing or of another kind is remembered.
class Fields {
  public:
    [[nodiscard]] const std::optional<Error>& fault() const { return fault_; }
    void refuse(const std::string& what) {
        if (!fault_) {
            fault_ = Error{Errc::corrupt, "the model file's " + what};
        }
    }
    double number(const json::Value& from, const char* key) {
        const json::Value* value = from.get(key);
        const std::optional<double> read = value != nullptr ? value->as_double() : std::nullopt;
        if (!read) {
            refuse(std::string(key) + " is no number");
        }
        return read.value_or(0.0);
    }
    std::int64_t integer(const json::Value& from, const char* key) {
        const json::Value* value = from.get(key);
        const std::optional<std::int64_t> read = value != nullptr ? value->as_int() : std::nullopt;
        if (!read) {
            refuse(std::string(key) + " is no whole number");
        }
        return read.value_or(0);
    }
    std::string text(const json::Value& from, const char* key) {
        const json::Value* value = from.get(key);
        if (value == nullptr || value->as_string() == nullptr) {
            refuse(std::string(key) + " is no text");
            return {};
        }
        return *value->as_string();
    }
    const json::Array& array(const json::Value& from, const char* key) {
        static const json::Array none;
        const json::Value* value = from.get(key);
        if (value == nullptr || value->as_array() == nullptr) {
            refuse(std::string(key) + " is no list");
            return none;
        }
        return *value->as_array();
    }
    std::vector<double> numbers(const json::Value& from, const char* key) {
        std::vector<double> out;
        for (const json::Value& value : array(from, key)) {
            if (!value.as_double()) {
                refuse(std::string(key) + " holds what is no number");
            }
            out.push_back(value.as_double().value_or(0.0));
        }
        return out;
    }
    std::vector<std::string> texts(const json::Value& from, const char* key) {
        std::vector<std::string> out;
        for (const json::Value& value : array(from, key)) {
            if (value.as_string() == nullptr) {
                refuse(std::string(key) + " holds what is no text");
            }
            out.push_back(value.as_string() != nullptr ? *value.as_string() : "");
        }
        return out;
    }
    const json::Value& member(const json::Value& from, const char* key) {
        static const json::Value none;
        const json::Value* value = from.get(key);
        if (value == nullptr) {
            refuse(std::string(key) + " is missing");
        }
        return value != nullptr ? *value : none;
    }

  private:
    std::optional<Error> fault_;
};

std::int32_t small(double value) {
    return value >= -1.0 && value <= 2e9 ? static_cast<std::int32_t>(value) : -2;
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

LinearModel read_linear(Fields& fields, const json::Value& from, std::size_t terms) {
    LinearModel model{.constant = fields.number(from, "constant"),
                      .weights = fields.numbers(from, "weights")};
    if (!model.weights.empty() && model.weights.size() != terms) {
        fields.refuse("weights are not as many as the terms");
    }
    return model;
}

std::vector<double> read_blend(Fields& fields, const json::Value& from) {
    std::vector<double> blend = fields.numbers(from, "blend");
    if (!blend.empty() && blend.size() != member_count) {
        fields.refuse("blend has not one weight a member");
    }
    return blend;
}

EnsembleLead read_lead(Fields& fields, const json::Value& from, std::size_t series) {
    EnsembleLead lead;
    lead.lead_s = fields.integer(from, "lead_s");
    lead.rows = static_cast<std::size_t>(fields.integer(from, "rows"));
    lead.error_mean = fields.number(from, "error_mean");
    lead.base_error_mean = fields.number(from, "base_error_mean");
    std::vector<ColumnKind> kinds;
    for (const double kind : fields.numbers(from, "kinds")) {
        if (kind < 0.0 || kind > static_cast<double>(ColumnKind::holiday)) {
            fields.refuse("kinds hold an unknown one");
            return lead;
        }
        kinds.push_back(static_cast<ColumnKind>(static_cast<int>(kind)));
    }
    std::vector<double> centres = fields.numbers(from, "centres");
    std::vector<double> spreads = fields.numbers(from, "spreads");
    const std::size_t columns = kinds.size();
    if (centres.size() != columns || spreads.size() != columns || columns == 0) {
        fields.refuse("columns, centres and spreads differ in number");
        return lead;
    }
    lead.model.terms = LinearTerms(std::move(kinds), std::move(centres), std::move(spreads));
    const std::size_t terms = lead.model.terms.size();
    lead.model.all_trees = read_trees(fields, fields.member(from, "trees"), columns);
    lead.model.all_ridge = read_linear(fields, fields.member(from, "ridge"), terms);
    lead.model.blend = read_blend(fields, from);
    if (lead.model.blend.empty()) {
        fields.refuse("blend is empty");
    }
    if (const json::Value& width = fields.member(from, "width"); !width.is_null()) {
        lead.model.width = read_trees(fields, width, columns + 2);
    }
    for (const json::Value& mine : fields.array(from, "own")) {
        LeadModel::Own& own = lead.model.own.emplace_back();
        own.blend = read_blend(fields, mine);
        own.is_there = mine.get("trees") != nullptr;
        if (own.is_there) {
            own.trees = read_trees(fields, fields.member(mine, "trees"), columns);
            own.loose = read_linear(fields, fields.member(mine, "loose"), terms);
            own.tight = read_linear(fields, fields.member(mine, "tight"), terms);
        }
    }
    const json::Array& errors = fields.array(from, "errors");
    if (lead.model.own.size() != series || errors.size() != lead.errors.size()) {
        fields.refuse("own models or errors are not as many as they should be");
        return lead;
    }
    for (std::size_t block = 0; block < errors.size(); ++block) {
        const json::Value wrapped = json::Object{{"errors", errors[block]}};
        const std::vector<double> values = fields.numbers(wrapped, "errors");
        if (values.size() != quantile_count || !std::is_sorted(values.begin(), values.end())) {
            fields.refuse("errors do not ascend");
            return lead;
        }
        std::copy(values.begin(), values.end(), lead.errors[block].begin());
    }
    return lead;
}

}  // namespace

std::string write_model(const Ensemble& ensemble) {
    const auto text = [](const std::string& v) { return v; };
    const json::Value body =
        json::Object{{"schema_hash", ensemble.schema_hash},
                     {"region", to_string(ensemble.region)},
                     {"step_s", ensemble.step_s},
                     {"seed", ensemble.seed},
                     {"data_from_s", ensemble.data_from_s},
                     {"data_to_s", ensemble.data_to_s},
                     {"covariates", list(ensemble.covariates, text)},
                     {"series", list(ensemble.series, text)},
                     {"leads", list(ensemble.leads, [](const EnsembleLead& lead) { return write(lead); })}};
    const std::string json = json::write(body) + "\n";
    return std::string(first_words) + sha256_hex(json) + "\n" + json;
}

Result<Ensemble> read_model(std::string_view text) {
    if (!text.starts_with(first_words)) {
        return Error{Errc::unsupported, "this is no forecast model of version 1"};
    }
    text.remove_prefix(first_words.size());
    const std::string_view hash = text.substr(0, hash_characters);
    text.remove_prefix(std::min(text.size(), hash_characters + 1));
    if (sha256_hex(text) != hash) {
        return Error{Errc::corrupt, "the model file's checksum does not fit: it is cut off or was changed"};
    }
    const Result<json::Value> body = json::parse(text, {.bytes = model_bytes_max});
    if (!body) {
        return Error{Errc::corrupt, body.error().message};
    }
    Fields fields;
    Ensemble ensemble;
    ensemble.schema_hash = fields.text(*body, "schema_hash");
    const Result<Region> region = parse_region(fields.text(*body, "region"));
    if (!region) {
        return Error{Errc::corrupt, region.error().message};
    }
    ensemble.region = *region;
    ensemble.step_s = fields.integer(*body, "step_s");
    ensemble.seed = static_cast<std::uint32_t>(fields.integer(*body, "seed"));
    ensemble.data_from_s = fields.integer(*body, "data_from_s");
    ensemble.data_to_s = fields.integer(*body, "data_to_s");
    ensemble.covariates = fields.texts(*body, "covariates");
    ensemble.series = fields.texts(*body, "series");
    for (const json::Value& lead : fields.array(*body, "leads")) {
        ensemble.leads.push_back(read_lead(fields, lead, ensemble.series.size()));
        if (fields.fault()) {
            return *fields.fault();
        }
        if (ensemble.leads.size() > 1 && ensemble.leads.back().lead_s <= ensemble.leads.rbegin()[1].lead_s) {
            fields.refuse("leads do not ascend");
        }
    }
    if (ensemble.leads.empty()) {
        fields.refuse("leads are none");
    }
    return fields.fault() ? Result<Ensemble>(*fields.fault()) : Result<Ensemble>(std::move(ensemble));
}

Result<void> save_model(const Ensemble& ensemble, const std::filesystem::path& file) {
    const std::filesystem::path beside = file.string() + ".new";
    {
        std::ofstream out(beside, std::ios::binary | std::ios::trunc);
        out << write_model(ensemble) << std::flush;
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

Result<Ensemble> load_model(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return Error{Errc::not_found, file.string() + " cannot be read"};
    }
    std::ostringstream text;
    text << in.rdbuf();
    Result<Ensemble> ensemble = read_model(text.view());
    if (!ensemble) {
        return Error{ensemble.error().code, file.string() + ": " + ensemble.error().message};
    }
    return ensemble;
}

}  // namespace headroom::forecast
