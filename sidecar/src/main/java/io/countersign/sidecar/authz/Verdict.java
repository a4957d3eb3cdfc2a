// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.authz;

import io.countersign.sidecar.format.HeaderChange;
import java.util.List;

/** What a service has said about a request. */
public sealed interface Verdict {
    /**
     * The request goes on.
     *
     * @param request changes of its headers
     * @param remove headers that it loses, in lower case
     * @param response changes of the headers of its answer
     */
    record Granted(List<HeaderChange> request, List<String> remove, List<HeaderChange> response) implements Verdict {
        public Granted {
            request = List.copyOf(request);
            remove = List.copyOf(remove);
            response = List.copyOf(response);
        }

        public boolean changesRequest() {
            return !request.isEmpty() || !remove.isEmpty();
        }
    }

    /** The request is answered with this. */
    record Denied(int status, List<HeaderChange> headers, String body) implements Verdict {
        public Denied {
            headers = List.copyOf(headers);
        }
    }

    /** @param why for the log */
    record Failed(String why) implements Verdict {}
}
