#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "net/http_client.hpp"
#include "store/measurement.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::store::influx {

/// One row of an answer to InfluxQL, a view into its table.
class Row {
  public:
    Row(const std::vector<std::string>& columns, const json::Array& values, const json::Value* tags)
        : columns_(&columns), values_(&values), tags_(tags) {}
    /// Null when there is no such column.
    [[nodiscard]] const json::Value* find(std::string_view column) const;
    [[nodiscard]] std::int64_t time_ms() const;
    /// NaN for null or no number.
    [[nodiscard]] double number(std::string_view column) const;
    [[nodiscard]] std::string text(std::string_view column) const;
    [[nodiscard]] const std::vector<std::string>& columns() const { return *columns_; }
    /// Of the series that the row is of; null without GROUP BY.
    [[nodiscard]] const json::Value* tags() const { return tags_; }

  private:
    const std::vector<std::string>* columns_;
    const json::Array* values_;
    const json::Value* tags_;
};

/// All rows of all series of the first result.
class Table {
  public:
    Table(json::Value body, std::vector<std::vector<std::string>> columns);
    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

  private:
    std::unique_ptr<json::Value> body_;  // rows look into it
    std::unique_ptr<std::vector<std::vector<std::string>>> columns_;
    std::vector<Row> rows_;
};

/// Errors: `denied`, `unavailable`, `timeout`, `invalid` (the statement), `corrupt` for an answer that is not
/// InfluxDB's.
[[nodiscard]] Result<Table> table_of(const Result<net::ClientResponse>& response);
/// Rows of `SELECT * … GROUP BY *`; the tag `source` is left out when it is `source`. `kind_of` a field is
/// float, integer, boolean or string.
[[nodiscard]] std::vector<Measurement> measurements_of(const Table& table, std::string_view name,
                                                       std::string_view source,
                                                       const std::map<std::string, std::string>& kind_of);

}  // namespace headroom::store::influx
