// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.countersign.evidence.Hop;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The demo result of the contract, and behind it the evidence that the verdicts rest on.
 *
 * @param orders left out if there are none
 * @param parts which program stands at each place, left out if nobody said
 */
record DemoResult(
        @JsonProperty("frontend_to_backend") Outcome frontendToBackend,
        @JsonProperty("backend_to_database") Outcome backendToDatabase,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<JsonNode> orders,
        String timestamp,
        List<Hop> evidence,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> parts) {

    record Outcome(boolean success, String message, String pattern) {}
}
