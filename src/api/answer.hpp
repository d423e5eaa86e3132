#pragma once

#include "api/operation.hpp"
#include "api/request.hpp"
#include "core/reflect_json.hpp"
#include "net/http_server.hpp"

#include <string>
#include <utility>

namespace headroom::api {

/// 200 with the answer, or the fault's problem document.
template <class T>
[[nodiscard]] net::Response respond(const net::Request& request, const Result<T>& answer) {
    if (!answer) {
        return net::problem_of(answer.error(), request.path);
    }
    return net::json_response(200, to_json(*answer));
}

/// A page of a list under `name`, or the fault's problem document.
template <class T>
[[nodiscard]] net::Response respond_list(const net::Request& request, std::string_view name,
                                         const Result<desk::Page<T>>& page) {
    if (!page) {
        return net::problem_of(page.error(), request.path);
    }
    return list_response(request, name, to_json(page->items), page->next);
}

}  // namespace headroom::api
