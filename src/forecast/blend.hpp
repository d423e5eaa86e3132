#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace headroom::forecast {

/// Sums of products of the errors of several models made for the same instants.
class ErrorProducts {
  public:
    explicit ErrorProducts(std::size_t models) : models_(models), sums_(models * models) {}
    /// One error a model.
    void add(std::span<const double> errors, double weight);
    void add(const ErrorProducts& other, double weight);
    /// Mean product of two models' errors; 0 while there is none.
    [[nodiscard]] double at(std::size_t i, std::size_t j) const;
    [[nodiscard]] double weight() const { return weight_; }
    [[nodiscard]] std::size_t models() const { return models_; }

  private:
    std::size_t models_;
    std::vector<double> sums_;
    double weight_ = 0.0;
};

/// The weights, none negative, one in sum, whose blend has the least mean squared error, drawn towards
/// `prior`: `prior_strength` is the weight of rows on which the prior would count as much as what was seen.
/// Exponentiated gradient descent, a fixed number of steps from the prior: deterministic. A model whose prior
/// weight is zero stays out.
[[nodiscard]] std::vector<double> blend_weights(const ErrorProducts& errors, std::span<const double> prior,
                                                double prior_strength);

}  // namespace headroom::forecast
