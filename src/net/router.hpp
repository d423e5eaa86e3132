#pragma once

#include "net/http_server.hpp"

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace headroom::net {

/// One route with its handler. Its address is stable: running coroutines refer to it.
struct Route {
    RouteInfo info;
    std::variant<Handler, UploadHandler, StreamHandler, WebSocketHandler> handler;
    std::vector<std::string> parameters;  ///< their names, in the pattern's order; filled by the router
};

/// Finds the route of a path: by whole path where no parameter is involved, else segment by segment.
class Router {
  public:
    /// Patterns begin with '/'; `{name}` stands for one segment, `{name...}`, last, for the rest. A malformed
    /// pattern or a second route for the same method and pattern is our own bug.
    void add(std::unique_ptr<Route> route);

    struct Match {
        const Route* route = nullptr;  ///< null: no such path, or not for this method
        std::string allow;             ///< "GET, HEAD, POST": the methods of the path; empty: no such path
        std::map<std::string, std::string> parameters;
    };
    /// HEAD finds plain GET routes. Errors: `invalid` for a path that cannot be decoded.
    [[nodiscard]] Result<Match> find(const std::string& method, const std::string& path) const;

    [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

  private:
    using ByMethod = std::map<std::string, const Route*, std::less<>>;
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
        std::unique_ptr<Node> parameter;
        ByMethod here;
        ByMethod rest;
    };

    static const ByMethod* walk(const Node& node, const std::vector<std::string>& segments, std::size_t depth,
                                std::vector<std::string>& values);
    static const Route* pick(const ByMethod& methods, const std::string& method);
    static std::string allow(const ByMethod& methods);

    std::vector<std::unique_ptr<Route>> routes_;
    std::unordered_map<std::string, ByMethod>
        literal_;  // paths without parameters, undecoded: the usual case
    Node root_;
};

}  // namespace headroom::net
