#pragma once

namespace headroom::app {

/// `headroom openapi`: prints what `GET /openapi.json` answers, from a room that is put together in a scratch
/// folder and never started. Answers the exit code.
int run_openapi();

}  // namespace headroom::app
