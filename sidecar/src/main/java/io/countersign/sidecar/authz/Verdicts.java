// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.authz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.countersign.sdsapi.auth.CheckResponse;
import io.countersign.sdsapi.auth.DeniedHttpResponse;
import io.countersign.sdsapi.auth.OkHttpResponse;
import io.countersign.sdsapi.core.HeaderValueOption;
import io.countersign.sidecar.format.HeaderChange;
import io.countersign.sidecar.format.HeaderChange.How;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** From an answer on the wire to a {@link Verdict}; one that is not sound is a failure. */
final class Verdicts {
    /** RFC 9110, section 5.6.2. */
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** No blank comes first (section 5.5). */
    private static final Pattern VALUE = Pattern.compile("([^\\x00-\\x20\\x7f][^\\x00-\\x08\\x0a-\\x1f\\x7f]*)?");
    /** They say where a message ends, and only this sidecar knows. */
    private static final Set<String> FRAMING =
            Set.of("connection", "content-length", "transfer-encoding", "upgrade", "keep-alive", "te", "trailer");

    private static final int FORBIDDEN = 403;

    private Verdicts() {}

    static Verdict parse(ByteString message) {
        try {
            return verdict(CheckResponse.parseFrom(message));
        } catch (InvalidProtocolBufferException e) {
            return new Verdict.Failed("the answer is no CheckResponse");
        } catch (IllegalArgumentException e) {
            return new Verdict.Failed(String.valueOf(e.getMessage()));
        }
    }

    private static Verdict verdict(CheckResponse response) {
        return response.getStatus().getCode() == 0
                ? granted(response.getOkResponse())
                : denied(response.getDeniedResponse());
    }

    private static Verdict granted(OkHttpResponse ok) {
        if (ok.getQueryParametersToSetCount() > 0 || ok.getQueryParametersToRemoveCount() > 0) {
            throw new IllegalArgumentException("the answer changes query parameters, which is not supported");
        }
        return new Verdict.Granted(
                ok.getHeadersList().stream().map(Verdicts::ofRequest).toList(),
                ok.getHeadersToRemoveList().stream()
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .filter(name -> !name.startsWith(":") && !name.equals("host"))
                        .map(Verdicts::removable)
                        .toList(),
                ok.getResponseHeadersToAddList().stream()
                        .map(option -> change(option, response(option)))
                        .toList());
    }

    private static Verdict denied(DeniedHttpResponse denied) {
        int status = denied.getStatus().getCode() == 0
                ? FORBIDDEN
                : denied.getStatus().getCode();
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("the answer has status " + status + ", expected 200 to 599");
        }
        return new Verdict.Denied(status, answer(denied.getHeadersList()), denied.getBody());
    }

    private static HeaderChange ofRequest(HeaderValueOption option) {
        return change(option, request(option));
    }

    /** Of the request; without a word about it a header is set. */
    private static How request(HeaderValueOption option) {
        return option.getAppend().getValue() ? How.JOIN_IF_PRESENT : How.SET;
    }

    private static How response(HeaderValueOption option) {
        if (option.hasAppend()) {
            return option.getAppend().getValue() ? How.ADD : How.SET;
        }
        return how(option.getAppendAction());
    }

    private static How how(HeaderValueOption.HeaderAppendAction action) {
        return switch (action) {
            case APPEND_IF_EXISTS_OR_ADD -> How.ADD;
            case ADD_IF_ABSENT -> How.ADD_IF_ABSENT;
            case OVERWRITE_IF_EXISTS_OR_ADD -> How.SET;
            case OVERWRITE_IF_EXISTS -> How.SET_IF_PRESENT;
            case UNRECOGNIZED ->
                throw new IllegalArgumentException("the answer has an append_action that is not known");
        };
    }

    /** The same name may come several times, as that of cookies does. */
    private static List<HeaderChange> answer(List<HeaderValueOption> options) {
        return options.stream()
                .map(option -> change(option, option.getAppend().getValue() ? How.JOIN_IF_PRESENT : How.ADD))
                .toList();
    }

    private static HeaderChange change(HeaderValueOption option, How how) {
        var header = option.getHeader();
        var name = removable(header.getKey().toLowerCase(Locale.ROOT));
        if (name.equals("host")) {
            throw new IllegalArgumentException("the answer changes the host, which is the route's to say");
        }
        var text = header.getRawValue().isEmpty()
                ? header.getValue().getBytes(StandardCharsets.UTF_8)
                : header.getRawValue().toByteArray();
        // as it comes from the wire, and goes there
        var value = new String(text, StandardCharsets.ISO_8859_1);
        if (!VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "the answer has a value for header " + name + " that no header may have");
        }
        return new HeaderChange(name, value, how);
    }

    private static String removable(String name) {
        if (!NAME.matcher(name).matches() || FRAMING.contains(name)) {
            throw new IllegalArgumentException("the answer changes header \"" + name + "\", which it may not");
        }
        return name;
    }
}
