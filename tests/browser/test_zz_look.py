import os, pytest
from pathlib import Path
from tests.factories.images import make_image
from tests.factories.news import post as a_post
from tests.factories import people
from imagine_site.documents import clean
from django.urls import reverse
pytestmark=[pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OUT=Path('/tmp/ed/shots'); OUT.mkdir(exist_ok=True)
def body(i1,i2,i3):
    return f'''<p>President Emmanuel Macron chose <a data-record="laboratory:4">Institut Imagine</a> to present his vision for health research<span data-footnote="n1">Located in the heart of Paris, <em>supported</em> by <a href="https://aphp.fr">AP-HP</a>.</span> and innovation for the coming years. He also wished to pay tribute to the <strong>exceptional work</strong> of the laboratories.</p>
<h2>Imagine, an illustration of the success of the public-private model</h2><p>Supported by its six founding members<span data-footnote="n1"></span>, Imagine brings together more than 1,000 doctors, H<sub>2</sub>O and x<sup>2</sup>, <span lang="fr">à la française</span>.</p>
<figure data-image="{i1}"><figcaption>Arrival of the <em>President</em></figcaption></figure>
<blockquote><p>The combination of public-private, academic-industrial, research-care-innovation-entrepreneurship is at the heart of our strategy. It is an agile model of openness.</p><p>Second paragraph.</p><footer><cite data-record="researcher:3">Pr Stanislas Lyonnet</cite><span>director of Institut Imagine</span></footer></blockquote>
<h3>A list</h3><ul><li>One</li><li>Two<ul><li>Nested</li></ul></li><li><p>a</p><p>b</p></li></ul><ol><li>First</li></ol>
<figure data-image="{i2}" data-width="wide" data-alt="Here only"></figure>
<aside><p>A callout with <a data-file="7">a file</a>.</p><ul><li>x</li></ul></aside>
<aside data-figure=""><p><strong>15%</strong> of severe forms are due to genetic abnormalities.</p></aside>
<table><caption>Raised, in <em>millions</em></caption><thead><tr><th scope="col">Year</th><th scope="col">Sum</th></tr></thead><tbody><tr><th scope="row">2019</th><td>12</td></tr><tr><td colspan="2"><p>a</p><p>b</p></td></tr></tbody></table>
<figure data-gallery="{i1} {i2} {i3}"><figcaption>Gallery</figcaption></figure>
<figure data-video="youtube:abc_123" data-poster="{i1}"><figcaption>Film</figcaption></figure><hr><p>Another note<span data-footnote="">Second</span><br>line&nbsp;!</p>'''
def test_look(signed_in, live_server):
    page=signed_in
    ims=[make_image(width=1200,height=700) for _ in range(3)]
    people.researcher(given_name="Stanislas",family_name="Lyonnet",honorific="Pr")
    canonical=clean(body(*[i.pk for i in ims]))
    s=a_post(body_en=canonical)
    page.goto(live_server.url+reverse('admin:news_post_change',args=[s.pk]))
    page.wait_for_timeout(2500)
    print(page.complaints)
    print(page.evaluate("document.querySelectorAll('.document-editor').length"))
    got=page.evaluate("""()=>new Promise(r=>{const t=document.querySelector('#id_body_en'); const e=t.closest('.document-editor')?.querySelector('.ProseMirror')?.editor; r(e?e.getHTML():null)})""")
    print(got==canonical)
    if got!=canonical:
        print(canonical); print(got)
    e=page.locator('.document-editor').first
    e.scroll_into_view_if_needed()
    def shot(n,y): 
        page.evaluate("y=>{const r=document.querySelector('.document-editor').getBoundingClientRect(); window.scrollTo(0, window.scrollY+r.top+y)}", y); page.wait_for_timeout(150)
        page.screenshot(path=OUT/n)
    shot('l1.png',-60); shot('l2.png',850); shot('l3.png',1900); shot('l4.png',2800)
    page.emulate_media(color_scheme='dark'); page.set_viewport_size({'width':900,'height':1000}); page.wait_for_timeout(300)
    shot('d1.png',-60); shot('d2.png',850);shot('d3.png',1900)
    shot('d0.png',-60)
    ed=page.locator('.document').first
    ed.locator('p').nth(1).click()
    page.keyboard.press('Control+Alt+p'); page.wait_for_timeout(700)
    page.locator('.picture-option').first.click(); page.wait_for_timeout(300)
    page.screenshot(path=OUT/'dlg_pic_d.png')
    page.emulate_media(color_scheme='light'); page.set_viewport_size({'width':1440,'height':1000}); page.wait_for_timeout(200)
    page.screenshot(path=OUT/'dlg_pic_l.png')
    page.locator('.editor-dialog__views button').nth(1).click(); page.wait_for_timeout(200)
    page.screenshot(path=OUT/'dlg_up_l.png')
    page.keyboard.press('Escape')
    page.keyboard.press('Control+Alt+q'); page.wait_for_timeout(200); page.keyboard.type('lyon'); page.wait_for_timeout(800)
    page.keyboard.press('ArrowDown')
    page.screenshot(path=OUT/'dlg_q_l.png'); page.keyboard.press('Enter'); page.wait_for_timeout(200); page.screenshot(path=OUT/'dlg_q2_l.png')
    page.keyboard.press('Escape')
    page.keyboard.press('Control+Alt+f'); page.wait_for_timeout(300); page.keyboard.type('A note'); page.wait_for_timeout(200)
    page.screenshot(path=OUT/'dlg_n_l.png')
    page.keyboard.press('Escape')
    page.locator('.document td').first.click(); page.wait_for_timeout(200); page.screenshot(path=OUT/'tbl.png')
    page.keyboard.press('Control+k'); page.wait_for_timeout(200); page.screenshot(path=OUT/'dlg_k_l.png')
    print(page.complaints)
