// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.countersign.backend.database.Order;
import io.countersign.evidence.Hop;
import java.util.List;

/**
 * The demo result of the contract, and behind it what the first three verdicts rest on.
 *
 * @param orders left out if there are none
 */
record DemoAnswer(
        @JsonProperty("frontend_to_backend") Outcome frontendToBackend,
        @JsonProperty("backend_to_database") Outcome backendToDatabase,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Order> orders,
        String timestamp,
        List<Hop> evidence) {

    record Outcome(boolean success, String message, String pattern) {}
}
