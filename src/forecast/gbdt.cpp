#include "forecast/gbdt.hpp"

#include "core/json.hpp"

#include <xgboost/c_api.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace headroom::forecast {
namespace {

constexpr std::size_t checked_rows_max = 256;
constexpr std::size_t trees_bytes_max = 512UL * 1024 * 1024;

struct FreeMatrix {
    void operator()(void* handle) const { XGDMatrixFree(handle); }
};
struct FreeBooster {
    void operator()(void* handle) const { XGBoosterFree(handle); }
};
using Matrix = std::unique_ptr<std::remove_pointer_t<DMatrixHandle>, FreeMatrix>;
using Booster = std::unique_ptr<std::remove_pointer_t<BoosterHandle>, FreeBooster>;

Error refused(std::string_view what) {
    return Error{Errc::unsupported,
                 "the boosting library cannot " + std::string(what) + ": " + XGBGetLastError()};
}

std::string number(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end.ptr};
}

Result<Matrix> make_matrix(std::size_t features, const GbdtRows& from) {
    DMatrixHandle handle = nullptr;
    if (XGDMatrixCreateFromMat_omp(from.rows.data(), from.targets.size(), features,
                                   std::numeric_limits<float>::quiet_NaN(), &handle, 1) != 0) {
        return refused("take the rows");
    }
    Matrix matrix(handle);
    if (XGDMatrixSetFloatInfo(handle, "label", from.targets.data(), from.targets.size()) != 0) {
        return refused("take the targets");
    }
    if (!from.weights.empty() &&
        XGDMatrixSetFloatInfo(handle, "weight", from.weights.data(), from.weights.size()) != 0) {
        return refused("take the weights");
    }
    return matrix;
}

Result<Booster> make_booster(const GbdtOptions& options, std::vector<DMatrixHandle> matrices) {
    BoosterHandle handle = nullptr;
    if (XGBoosterCreate(matrices.data(), matrices.size(), &handle) != 0) {
        return refused("make a model");
    }
    Booster booster(handle);
    const std::pair<const char*, std::string> parameters[] = {
        {"objective", "reg:squarederror"},
        {"eval_metric", "rmse"},
        {"tree_method", "hist"},
        {"base_score", "0"},
        {"nthread", "1"},
        {"verbosity", "0"},
        {"seed", std::to_string(options.seed)},
        {"max_depth", std::to_string(options.depth_max)},
        {"eta", number(options.eta)},
        {"min_child_weight", number(options.min_child_weight)},
        {"subsample", number(options.subsample)},
        {"colsample_bytree", number(options.columns_by_tree)},
        {"lambda", number(options.lambda)},
        {"max_bin", std::to_string(options.bins)},
    };
    for (const auto& [name, value] : parameters) {
        if (XGBoosterSetParam(handle, name, value.c_str()) != 0) {
            return refused("set " + std::string(name) + " to " + value);
        }
    }
    return booster;
}

Error unreadable(std::string_view what) {
    return Error{Errc::unsupported,
                 "the boosting library's model has another form than 1.7's: " + std::string(what)};
}

/// Appends a tree of the library's JSON, children always side by side.
Result<void> append_tree(const json::Value& tree, std::vector<Trees::Node>& nodes) {
    const json::Array* left = tree.at("/left_children") ? tree.at("/left_children")->as_array() : nullptr;
    const json::Array* right = tree.at("/right_children") ? tree.at("/right_children")->as_array() : nullptr;
    const json::Array* feature = tree.at("/split_indices") ? tree.at("/split_indices")->as_array() : nullptr;
    const json::Array* value =
        tree.at("/split_conditions") ? tree.at("/split_conditions")->as_array() : nullptr;
    const json::Array* missing = tree.at("/default_left") ? tree.at("/default_left")->as_array() : nullptr;
    if (left == nullptr || right == nullptr || feature == nullptr || value == nullptr || missing == nullptr) {
        return unreadable("a tree lacks its arrays");
    }
    const std::size_t size = left->size();
    if (size == 0 || right->size() != size || feature->size() != size || value->size() != size ||
        missing->size() != size) {
        return unreadable("a tree's arrays differ in length");
    }
    const std::size_t first = nodes.size();
    std::vector<std::size_t> source{0};  // of each node appended, where it stands in the library's tree
    nodes.emplace_back();
    for (std::size_t i = 0; i < source.size(); ++i) {
        const std::size_t from = source[i];
        Trees::Node node;
        node.value = static_cast<float>((*value)[from].as_double().value_or(NAN));
        const std::int64_t to_left = (*left)[from].as_int().value_or(-1);
        const std::int64_t to_right = (*right)[from].as_int().value_or(-1);
        if (to_left >= 0) {
            if (static_cast<std::size_t>(to_left) >= size || to_right < 0 ||
                static_cast<std::size_t>(to_right) >= size || source.size() + 2 > size) {
                return unreadable("a tree's children are not its own");
            }
            node.left = static_cast<std::int32_t>(nodes.size());
            node.feature = static_cast<std::int32_t>((*feature)[from].as_int().value_or(-1));
            const json::Value& to_default = (*missing)[from];
            node.missing_goes_left =
                to_default.as_bool().value_or(to_default.as_int().value_or(0) != 0) ? 1 : 0;
            source.push_back(static_cast<std::size_t>(to_left));
            source.push_back(static_cast<std::size_t>(to_right));
            nodes.resize(nodes.size() + 2);
        }
        nodes[first + i] = node;
    }
    return {};
}

Result<Trees> trees_of(BoosterHandle booster, std::size_t features, int rounds) {
    bst_ulong size = 0;
    const char* text = nullptr;
    if (XGBoosterSaveModelToBuffer(booster, R"({"format":"json"})", &size, &text) != 0) {
        return refused("write its model");
    }
    const Result<json::Value> model = json::parse({text, size}, {.bytes = trees_bytes_max});
    if (!model) {
        return unreadable(model.error().message);
    }
    const json::Value* list = model->at("/learner/gradient_booster/model/trees");
    if (list == nullptr || list->as_array() == nullptr ||
        list->as_array()->size() < static_cast<std::size_t>(rounds)) {
        return unreadable("no list of trees");
    }
    std::vector<std::int32_t> roots;
    std::vector<Trees::Node> nodes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(rounds); ++i) {
        roots.push_back(static_cast<std::int32_t>(nodes.size()));
        const Result<void> appended = append_tree((*list->as_array())[i], nodes);
        if (!appended) {
            return appended.error();
        }
    }
    return Trees::make(features, 0.0F, std::move(roots), std::move(nodes));
}

/// Rows of the training, the same with every third value missing, and one of which nothing is known.
std::vector<float> rows_to_check(std::size_t features, const GbdtRows& train) {
    const std::size_t count = std::min(train.targets.size(), checked_rows_max);
    const std::span<const float> head = train.rows.first(count * features);
    std::vector<float> rows(head.begin(), head.end());
    rows.insert(rows.end(), head.begin(), head.end());
    for (std::size_t i = head.size(); i < rows.size(); i += 3) {
        rows[i] = std::numeric_limits<float>::quiet_NaN();
    }
    rows.insert(rows.end(), features, std::numeric_limits<float>::quiet_NaN());
    return rows;
}

/// The library's own answers must be met to the bit, or its trees are read wrongly.
Result<void> check_against_library(BoosterHandle booster, const Trees& trees, const GbdtRows& train,
                                   int rounds) {
    const std::vector<float> rows = rows_to_check(trees.features(), train);
    const std::size_t count = rows.size() / trees.features();
    const std::vector<float> no_targets(count, 0.0F);
    const GbdtRows head{.rows = rows, .targets = no_targets, .weights = {}};
    const Result<Matrix> matrix = make_matrix(trees.features(), head);
    if (!matrix) {
        return matrix.error();
    }
    const std::string config = R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":)" +
                               std::to_string(rounds) + R"(,"strict_shape":false})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* theirs = nullptr;
    if (XGBoosterPredictFromDMatrix(booster, matrix->get(), config.c_str(), &shape, &dimensions, &theirs) !=
        0) {
        return refused("predict");
    }
    std::vector<float> ours(count);
    trees.predict(head.rows, ours);
    for (std::size_t i = 0; i < count; ++i) {
        if (std::bit_cast<std::uint32_t>(ours[i]) != std::bit_cast<std::uint32_t>(theirs[i])) {
            return unreadable("row " + std::to_string(i) + " is answered differently");
        }
    }
    return {};
}

Result<double> watched_error(BoosterHandle booster, int round, DMatrixHandle watch) {
    const char* name = "watch";
    const char* line = nullptr;
    if (XGBoosterEvalOneIter(booster, round, &watch, &name, 1, &line) != 0) {
        return refused("judge the watched rows");
    }
    const std::string_view text = line;  // "[12]\twatch-rmse:0.123"
    const std::size_t at = text.rfind(':');
    double error = NAN;
    if (at != std::string_view::npos) {
        std::from_chars(text.data() + at + 1, text.data() + text.size(), error);
    }
    return error;
}

Result<void> check_shape(std::size_t features, const GbdtRows& rows, std::string_view which) {
    if (rows.rows.size() != rows.targets.size() * features ||
        (!rows.weights.empty() && rows.weights.size() != rows.targets.size())) {
        return Error{Errc::invalid,
                     "the " + std::string(which) + " rows, targets and weights differ in number"};
    }
    if (!std::ranges::all_of(rows.targets, [](float v) { return std::isfinite(v); })) {
        return Error{Errc::invalid, "a target of the " + std::string(which) + " rows is not finite"};
    }
    return {};
}

}  // namespace

Result<GbdtFit> grow_trees(std::size_t features, const GbdtRows& train, const GbdtRows& watch,
                           const GbdtOptions& options, const GbdtProgress& progress) {
    for (const auto& [rows, name] : {std::pair{&train, "trained"}, {&watch, "watched"}}) {
        if (const Result<void> fits = check_shape(features, *rows, name); !fits) {
            return fits.error();
        }
    }
    if (features == 0 || train.targets.empty()) {
        return Error{Errc::invalid, "trees need at least one row and one column"};
    }
    const Result<Matrix> train_matrix = make_matrix(features, train);
    if (!train_matrix) {
        return train_matrix.error();
    }
    Result<Matrix> watch_matrix = Matrix{};
    std::vector<DMatrixHandle> matrices{train_matrix->get()};
    if (!watch.targets.empty()) {
        watch_matrix = make_matrix(features, watch);
        if (!watch_matrix) {
            return watch_matrix.error();
        }
        matrices.push_back(watch_matrix->get());
    }
    const Result<Booster> booster = make_booster(options, matrices);
    if (!booster) {
        return booster.error();
    }

    GbdtFit fit;
    fit.error_watched = std::numeric_limits<double>::quiet_NaN();
    for (int round = 0; round < options.rounds_max; ++round) {
        if (XGBoosterUpdateOneIter(booster->get(), round, train_matrix->get()) != 0) {
            return refused("grow a tree");
        }
        if (watch.targets.empty()) {
            fit.rounds = round + 1;
        } else {
            const Result<double> error = watched_error(booster->get(), round, watch_matrix->get());
            if (!error) {
                return error.error();
            }
            if (fit.rounds == 0 || *error < fit.error_watched) {
                fit.rounds = round + 1;
                fit.error_watched = *error;
            } else if (round + 1 - fit.rounds >= options.patience) {
                break;
            }
        }
        if (progress && !progress(round + 1, options.rounds_max)) {
            return Error{Errc::unavailable, "training was ended before it was done"};
        }
    }
    Result<Trees> trees = trees_of(booster->get(), features, fit.rounds);
    if (!trees) {
        return trees.error();
    }
    if (const Result<void> same = check_against_library(booster->get(), *trees, train, fit.rounds); !same) {
        return same.error();
    }
    fit.trees = std::move(*trees);
    return fit;
}

}  // namespace headroom::forecast
