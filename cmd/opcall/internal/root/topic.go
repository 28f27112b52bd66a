package root

import "github.com/spf13/cobra"

// helpTopics are the pages of "opcall help" that belong to no command.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "profiles", Short: "The config file: APIs, and where their keys are", Long: profilesText},
		{Use: "exit-codes", Short: "What the exit code says", Long: exitCodesText},
		{Use: "environment", Short: "The variables that are read", Long: environmentText},
	}
}

const profilesText = `The config file has an API per profile. It is OPCALL_CONFIG, else config.yaml in the
folder opcall of the user's settings (~/.config on Linux):

    default: openai                  # the profile without -p; may be left out
    profiles:
      openai:
        key: {env: OPENAI_API_KEY}   # or {command: [pass, show, openai]}, or {keyring: openai}
      stripe:
        spec: ~/specs/stripe.json    # a file or an https URL
        overlays: [fixes.yaml]       # applied to it, in order
        base_url: https://api.stripe.com
        document_server: false       # true lets requests go to the server of the document
        credentials:                 # by security scheme of the document
          basicAuth: {keyring: stripe}
        headers: {Stripe-Version: 2026-10-01}
        variables: {region: eu}      # of the document's server
        admin_key, organization, project

A key that stands in the file itself works, with a warning. "opcall key set NAME" stores
one in the system's keyring. With --spec or OPCALL_SPEC and no -p, no profile is used: the
keys of one API are nothing to send to another.`

const exitCodesText = `  0    success; also where nobody reads the rest of the output (opcall ops | head -1)
  1    wrong use, a file, a document, no connection; a file that is not valid
  2    the request breaks the description: nothing was sent
  4    the server responded with 4xx
  5    the server responded with 5xx
  6    a stream or a response broke off, or reports an error
  130  interrupted (Ctrl-C)`

const environmentText = `  OPENAI_API_KEY, OPENAI_ADMIN_KEY, OPENAI_ORG_ID, OPENAI_PROJECT_ID, OPENAI_BASE_URL
                  for documents of the OpenAI API, where no profile says otherwise
  OPCALL_SPEC     the document, a file or a URL
  OPCALL_PROFILE  the profile
  OPCALL_CONFIG   the config file
  OPCALL_STATE    the folder of conversations, and of transfers that stopped
  OPCALL_MODEL    the model of opcall chat
  OPCALL_MCP_TOKEN
                  the token that clients of opcall mcp --http need
  NO_COLOR        no colours; FORCE_COLOR: colours in a pipe, too
  COLUMNS         the width of lines where the terminal does not say`
