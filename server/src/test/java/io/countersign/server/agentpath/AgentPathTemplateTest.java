// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.agentpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.agentpath.AgentPathTemplate.Fields;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The results are those of Go's text/template with sprig. */
class AgentPathTemplateTest {
    private static final Fields FIELDS = new Fields(Set.of("Name", "Subject.CommonName", "Empty"), Set.of("San"));
    private static final Map<String, String> VALUES =
            Map.of("Name", "x509pop", "Subject.CommonName", " Node-One.Example ", "Empty", "", "San.zone", "eu/west");

    private static String render(String text) {
        return AgentPathTemplate.parse(text, FIELDS).render(VALUES);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, quoteCharacter = '~', textBlock = """
            /plain/path                                                  | /plain/path
            /{{ .Name }}/{{.San.zone}}                                   | /x509pop/eu/west
            /a  {{- .Name -}}  /b                                        | /ax509pop/b
            /{{/* said */}}{{ "a" }}                                     | /a
            /{{ lower .Name }}{{ .Name ! upper }}                        | /x509popX509POP
            /{{ .Subject.CommonName ! trim ! lower ! replace "." "-" }}  | /node-one-example
            /{{ trimPrefix "x509" .Name }}/{{ .Name ! trimSuffix "no" }} | /pop/x509pop
            /{{ .Name ! trunc 4 }}/{{ trunc -3 .Name }}                  | /x509/pop
            /{{ substr 1 3 .Name }}/{{ substr 4 -1 .Name }}              | /50/pop
            /{{ default "none" .Empty }}/{{ .Name ! default "none" }}    | /none/x509pop
            /{{ trimAll "xp" .Name }}/{{ nospace "a b" }}                | /509po/ab
            /{{ sha256sum (lower .Name) ! trunc 8 }}                     | /0acf7f32
            /{{ `raw` }}{{ "q\\\\uote\\"" ! trimSuffix "\\"" }}              | /rawq\\uote
            """)
    void rendersAsTheOriginalDoes(String text, String expected) {
        assertEquals(expected, render(text.replace(" ! ", " | ")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            /{{ .Unknown }}              | the field .Unknown is not supported, expected one of [Empty, Name, San.<key>, Subject.CommonName]
            /{{ .San }}                  | the field .San is not supported
            /{{ .San.a.b }}              | the field .San.a.b is not supported
            /{{ . }}                     | the field . is not supported
            /{{ if .Name }}a{{ end }}    | "if" is not supported, expected a field such as .Fingerprint or one of [lower, upper, trim,
            /{{ kebabcase .Name }}       | "kebabcase" is not supported
            /{{ $x }}                    | "$" is unexpected
            /{{ .Name                    | an action does not end
            /{{ "a }}                    | a text does not end
            /{{ "\\n" }}                 | "\\n" is not supported in a text
            /{{ lower }}                 | lower has other arguments, expected lower TEXT
            /{{ trunc .Name 3 }}         | trunc has other arguments, expected trunc NUMBER TEXT
            /{{ lower (.Name }}          | a parenthesis is not closed
            /{{ .Name .Name }}           | only a function takes arguments
            /{{ trunc 3x .Name }}        | "3x" is no whole number
            /{{ /* a }}                  | a comment does not end
            """)
    void whatIsNotSupportedIsRefusedByName(String text, String words) {
        var refused = assertThrows(IllegalArgumentException.class, () -> render(text));

        assertTrue(
                String.valueOf(refused.getMessage()).startsWith("agent path template \"" + text + "\": " + words),
                refused::getMessage);
    }

    @Test
    void aPipeLeadsToAFunction() {
        var refused = assertThrows(IllegalArgumentException.class, () -> render("/{{ .Name | .Name }}"));

        assertTrue(String.valueOf(refused.getMessage()).endsWith("a function is expected after |"));
    }

    @Test
    void aValueThatIsNotThereIsNamed() {
        var refused = assertThrows(IllegalArgumentException.class, () -> render("/{{ .San.other }}"));

        assertEquals("the agent path template wants .San.other, which this agent does not have", refused.getMessage());
    }
}
