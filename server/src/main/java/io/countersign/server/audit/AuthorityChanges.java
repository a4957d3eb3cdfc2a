// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import com.google.protobuf.Message;
import io.countersign.server.audit.Act.Item;
import io.countersign.serverapi.localauthority.ActivateJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.ActivateJWTAuthorityResponse;
import io.countersign.serverapi.localauthority.ActivateX509AuthorityRequest;
import io.countersign.serverapi.localauthority.ActivateX509AuthorityResponse;
import io.countersign.serverapi.localauthority.PrepareJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.PrepareJWTAuthorityResponse;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityRequest;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityResponse;
import io.countersign.serverapi.localauthority.RevokeJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeJWTAuthorityResponse;
import io.countersign.serverapi.localauthority.RevokeX509AuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509AuthorityResponse;
import io.countersign.serverapi.localauthority.RevokeX509UpstreamAuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509UpstreamAuthorityResponse;
import io.countersign.serverapi.localauthority.TaintJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintJWTAuthorityResponse;
import io.countersign.serverapi.localauthority.TaintX509AuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509AuthorityResponse;
import io.countersign.serverapi.localauthority.TaintX509UpstreamAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509UpstreamAuthorityResponse;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What an operator does with the authorities. That they rotate by themselves is in the log. */
final class AuthorityChanges {
    private static final String SERVICE = "spire.api.server.localauthority.v1.LocalAuthority/";

    private AuthorityChanges() {}

    static void addTo(Map<String, Act<?, ?>> methods) {
        addX509(methods);
        addJwt(methods);
        addUpstream(methods);
    }

    private static void addX509(Map<String, Act<?, ?>> methods) {
        methods.put(
                SERVICE + "PrepareX509Authority",
                prepare(
                        "x509_authority.prepare",
                        PrepareX509AuthorityRequest.class,
                        PrepareX509AuthorityResponse.class,
                        answer -> answer.getPreparedAuthority().getAuthorityId()));
        methods.put(
                SERVICE + "ActivateX509Authority",
                act(
                        "x509_authority.activate",
                        ActivateX509AuthorityRequest.class,
                        ActivateX509AuthorityResponse.class,
                        ActivateX509AuthorityRequest::getAuthorityId));
        methods.put(
                SERVICE + "TaintX509Authority",
                act(
                        "x509_authority.taint",
                        TaintX509AuthorityRequest.class,
                        TaintX509AuthorityResponse.class,
                        TaintX509AuthorityRequest::getAuthorityId));
        methods.put(
                SERVICE + "RevokeX509Authority",
                act(
                        "x509_authority.revoke",
                        RevokeX509AuthorityRequest.class,
                        RevokeX509AuthorityResponse.class,
                        RevokeX509AuthorityRequest::getAuthorityId));
    }

    private static void addJwt(Map<String, Act<?, ?>> methods) {
        methods.put(
                SERVICE + "PrepareJWTAuthority",
                prepare(
                        "jwt_authority.prepare",
                        PrepareJWTAuthorityRequest.class,
                        PrepareJWTAuthorityResponse.class,
                        answer -> answer.getPreparedAuthority().getAuthorityId()));
        methods.put(
                SERVICE + "ActivateJWTAuthority",
                act(
                        "jwt_authority.activate",
                        ActivateJWTAuthorityRequest.class,
                        ActivateJWTAuthorityResponse.class,
                        ActivateJWTAuthorityRequest::getAuthorityId));
        methods.put(
                SERVICE + "TaintJWTAuthority",
                act(
                        "jwt_authority.taint",
                        TaintJWTAuthorityRequest.class,
                        TaintJWTAuthorityResponse.class,
                        TaintJWTAuthorityRequest::getAuthorityId));
        methods.put(
                SERVICE + "RevokeJWTAuthority",
                act(
                        "jwt_authority.revoke",
                        RevokeJWTAuthorityRequest.class,
                        RevokeJWTAuthorityResponse.class,
                        RevokeJWTAuthorityRequest::getAuthorityId));
    }

    private static void addUpstream(Map<String, Act<?, ?>> methods) {
        methods.put(
                SERVICE + "TaintX509UpstreamAuthority",
                act(
                        "x509_upstream_authority.taint",
                        TaintX509UpstreamAuthorityRequest.class,
                        TaintX509UpstreamAuthorityResponse.class,
                        TaintX509UpstreamAuthorityRequest::getSubjectKeyId));
        methods.put(
                SERVICE + "RevokeX509UpstreamAuthority",
                act(
                        "x509_upstream_authority.revoke",
                        RevokeX509UpstreamAuthorityRequest.class,
                        RevokeX509UpstreamAuthorityResponse.class,
                        RevokeX509UpstreamAuthorityRequest::getSubjectKeyId));
    }

    private static <Q extends Message, A extends Message> Act<Q, A> act(
            String event, Class<Q> request, Class<A> answer, Function<Q, String> id) {
        return Changes.whole(event, request, answer, asked -> About.only("authority_id", id.apply(asked)));
    }

    private static <Q extends Message, A extends Message> Act<Q, A> prepare(
            String event, Class<Q> request, Class<A> answer, Function<A, String> id) {
        return Changes.batch(
                event,
                request,
                answer,
                asked -> List.of(About.nothing()),
                (asked, reply) -> List.of(Item.done(About.only("authority_id", id.apply(reply)))));
    }
}
